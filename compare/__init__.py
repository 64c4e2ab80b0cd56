"""The main job: a model in both styles, proven the same program and timed."""
