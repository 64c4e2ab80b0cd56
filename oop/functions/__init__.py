"""torch's functions, on Tensors and on the values of functional transforms alike.

Each is the function of `shared.ops` with torch's name, arguments (`dim` and `keepdim`; NumPy's
`axis` and `keepdims` mean the same) and conventions. What is no Value yet becomes a Tensor.
"""
