"""Prints how many products a float ONNX file has for one image.

    onnx_products.py FILE
"""
import sys

import onnx


def multiply_adds(path):
    """Products of one image."""
    model = onnx.shape_inference.infer_shapes(onnx.load(path))
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in model.graph.value_info}
    sizes = {tensor.name: list(tensor.dims) for tensor in model.graph.initializer}
    total = 0
    for node in model.graph.node:
        if node.op_type == "Conv":
            outputs, *window = sizes[node.input[1]]
            pixels = shapes[node.output[0]][2] * shapes[node.output[0]][3]
            total += outputs * pixels * window[0] * window[1] * window[2]
        if node.op_type == "Gemm":
            total += sizes[node.input[1]][0] * sizes[node.input[1]][1]
    return total


if __name__ == "__main__":
    print(multiply_adds(sys.argv[1]))
