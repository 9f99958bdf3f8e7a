"""Constants that are computed in the graph from others, as exporters leave them: for onnx_operators.GraphMaker."""
import numpy


def computed(g, values):
    """The name of a value that equals `values` (of float32 or int64) when a runtime computes it, or None."""
    ways = [by_where, by_gather, by_slice, by_concat, by_transpose, by_arithmetic, by_expand, by_split, by_reduction]
    ways += [by_cast, by_range] if values.dtype == numpy.int64 else [by_cast]
    return ways[g.random.integers(len(ways))](g, values)


def stored(g, values, dtype=None):
    return g.initializer(numpy.asarray(values, dtype or numpy.asarray(values).dtype))


def by_where(g, values):
    mask = g.random.random(values.shape) < 0.5
    other = values + numpy.asarray(3, values.dtype)
    if g.chance(0.5):  # the mask is computed too
        kept = stored(g, mask.astype(numpy.int64))
        condition = g.node("Equal", [kept, stored(g, numpy.ones((), numpy.int64))])
        if g.chance(0.3):
            condition = g.node("Not", [g.node("Not", [condition])])
    else:
        condition = stored(g, mask)
    return g.node("Where", [condition, stored(g, numpy.where(mask, values, other)),
                            stored(g, numpy.where(mask, other, values))])


def by_gather(g, values):
    if not values.ndim or not values.size:
        return None
    axis = int(g.random.integers(values.ndim))
    order = g.random.permutation(values.shape[axis])
    mixed = numpy.take(values, order, axis)
    back = numpy.argsort(order).astype(numpy.int64)
    back = numpy.where(g.random.random(back.shape) < 0.5, back, back - values.shape[axis])
    return g.node("Gather", [stored(g, mixed), stored(g, back)], axis=axis)


def by_slice(g, values):
    if not values.ndim or not values.size:
        return None
    axis = int(g.random.integers(values.ndim))
    padding = [(0, 0)] * values.ndim
    padding[axis] = (1, 2)
    wide, end = numpy.pad(values, padding), 1 + values.shape[axis]
    if g.chance(0.4):  # backwards
        wide = numpy.flip(wide, axis)
        start, end, step = values.shape[axis] + 1, 1, -1
    else:
        start, step = 1, 1
    return g.node("Slice", [stored(g, wide)] + [stored(g, [i], numpy.int64) for i in (start, end, axis, step)])


def by_concat(g, values):
    if not values.ndim or values.shape[0] < 2:
        return None
    return g.node("Concat", [stored(g, values[:1]), stored(g, values[1:])], axis=0)


def by_transpose(g, values):
    if not values.ndim:
        return None
    order = g.random.permutation(values.ndim)
    return g.node("Transpose", [stored(g, values.transpose(numpy.argsort(order)))], perm=[int(i) for i in order])


def by_arithmetic(g, values):
    if values.dtype == numpy.int64:
        op = g.choose("Add", "Sub", "Mul", "Div", "Mod")
        first = {"Add": values - 3, "Sub": values + 3, "Mul": values, "Div": values * 3, "Mod": values}[op]
        second = {"Add": 3, "Sub": 3, "Mul": 1, "Div": 3, "Mod": 2**40}[op]
        return None if op == "Mod" and (values < 0).any() else g.node(op, [stored(g, first),
                                                                          stored(g, numpy.int64(second))])
    op = g.choose("Add", "Sub", "Mul", "Div", "Neg", "Sqrt", "Pow", "Max", "Abs", "Reciprocal")
    one = stored(g, g.random.uniform(0.5, 2, values.shape[values.ndim // 2:]).astype(numpy.float32))
    if op in ("Neg", "Abs", "Reciprocal", "Sqrt"):
        positive = numpy.abs(values) + numpy.float32(0.25) if op in ("Sqrt", "Reciprocal") else values
        return g.node(op, [stored(g, positive)])
    if op == "Pow":
        return g.node(op, [stored(g, numpy.abs(values)), stored(g, numpy.float32(g.choose(2.0, 0.5)))])
    return g.node(op, [stored(g, values), one])


def by_expand(g, values):
    if not values.ndim or values.shape[0] != 1:
        return None
    return g.node("Expand", [stored(g, values[0]), stored(g, values.shape, numpy.int64)])


def by_split(g, values):
    if not values.ndim or g.opset < 13:
        return None
    both = stored(g, numpy.concatenate([values, values + numpy.asarray(1, values.dtype)]))
    sizes = stored(g, [len(values)] * 2, numpy.int64)
    name = g.node("Split", [both, sizes], axis=0)
    g.nodes[-1].output.append(name + "_rest")
    return name


def by_reduction(g, values):
    if g.opset < 13:
        return None
    rows = numpy.stack([values - numpy.asarray(2, values.dtype), values])
    if values.dtype == numpy.float32:
        return g.node("ReduceMax", [stored(g, rows)], axes=[0], keepdims=0) if g.opset < 18 else \
            g.node("ReduceMax", [stored(g, rows), stored(g, [0], numpy.int64)], keepdims=0)
    parts = numpy.stack([values - 2, numpy.full_like(values, 2)])
    return g.node("ReduceSum", [stored(g, parts), stored(g, [0], numpy.int64)], keepdims=0)


def by_cast(g, values):
    if values.dtype == numpy.int64:
        if numpy.abs(values).max(initial=0) > 2**20:
            return None
        halves = stored(g, values.astype(numpy.float32) + numpy.sign(values).astype(numpy.float32) / 2)
        return g.node("Cast", [halves], to=7)
    whole = numpy.rint(values * 4).astype(numpy.int64)
    return g.node("Cast", [stored(g, whole)], to=1)


def by_range(g, values):
    if values.ndim != 1 or not values.size or numpy.abs(values).max() > 2**20:
        return None
    step = int(values[1] - values[0]) if len(values) > 1 else 1
    if step == 0 or not numpy.array_equal(values, values[0] + step * numpy.arange(len(values))):
        return None
    return g.node("Range", [stored(g, numpy.int64(i)) for i in (values[0], values[-1] + step, step)])
