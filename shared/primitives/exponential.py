import numpy as np

from .primitive import elementwise
exp = elementwise("exp", np.exp, x=lambda z: z)
log = elementwise("log", np.log, x=lambda d, x: d / x)
tanh = elementwise("tanh", np.tanh, x=lambda z: 1 - z * z)
