"""Structured control flow: loops and branches that stay one equation, with graphs inside."""
