"""A graph as a picture: boxes, a layered layout, the memory plan, SVG and a page."""
