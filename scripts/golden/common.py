"""What the golden scripts share: exact inputs, fixed seeds, one output folder."""
import os
import sys

import torch

import safetensors

torch.set_num_threads(1)
REAL = torch.float64


def generator(seed):
    return torch.Generator().manual_seed(seed)


def exact(tensor):
    """Rounds to float32 and promotes again: what is stored is exactly what was computed with."""
    return tensor.to(torch.float32).to(REAL)


def normal(random, *shape, scale=1.0, mean=0.0):
    """Normal numbers that float32 represents exactly."""
    return exact(mean + scale * torch.randn(*shape, generator=random, dtype=torch.float64))


def leaf(tensor):
    return tensor.clone().requires_grad_(True)


def stored(tensor):
    """A result as it is stored: rounded to float32."""
    return tensor.detach().to(torch.float32)


def save(name, tensors, **metadata):
    """Writes <output folder>/<name>.safetensors; the folder is the first argument of the script."""
    folder = sys.argv[1] if len(sys.argv) > 1 else "."
    path = os.path.join(folder, f"{name}.safetensors")
    metadata = {"source": f"scripts/golden/{name}.py", **metadata}
    safetensors.write(path, tensors, metadata)
    print(f"{path}: {len(tensors)} tensors, {os.path.getsize(path)} bytes")
