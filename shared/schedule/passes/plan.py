"""The memory plan: when each buffer is born and dies, and its place in one arena."""

ALIGNMENT = 64  # bytes: a cache line, and the widest vector


def planned(lives):
    """({name: offset}, size of the arena) for lives = [(name, bytes, born, dies)].

    A buffer is there from the step `born` to the step `dies`, both included. First fit, the largest
    first: two that live at one time never overlap.
    """
    placed, offsets, total = [], {}, 0
    for name, size, born, dies in sorted(lives, key=lambda life: -life[1]):
        size = -(-size // ALIGNMENT) * ALIGNMENT
        near = sorted((start, end) for start, end, b, d in placed if not (d < born or dies < b))
        place = 0
        for start, end in near:
            if place + size <= start:
                break
            place = max(place, end)
        offsets[name] = place
        placed.append((place, place + size, born, dies))
        total = max(total, place + size)
    return offsets, total
