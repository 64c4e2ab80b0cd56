"""What both paradigms stand on; knows neither of them."""
