"""Datasets and the loader that walks them, under torch.utils.data's names."""

from .dataset import Dataset, Subset, TensorDataset, random_split
from .loader import DataLoader, default_collate
