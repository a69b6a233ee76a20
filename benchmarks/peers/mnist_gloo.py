"""The work of examples/Cifar10 on MNIST with PyTorch: the same LeNet, batches, optimizer and data, the gradients averaged by gloo's all-reduce in every step.

  /usr/bin/python3 benchmarks/peers/mnist_gloo.py --data ../shared/data/mnist --workers 2 --epochs 2 --trace artifacts/mnist/gloo

Writes the columns that examples/Cifar10 writes with --trace. `exchange_ms` is the time in the all-reduce and the division; the gradients go as one vector,
so that one message is sent a step. `seconds` is the time spent in training; tests do not count.
"""
import argparse
import gzip
import os
import tempfile
import time

import numpy
import torch
import torch.distributed as dist
import torch.multiprocessing
from torch import nn
from torch.nn import functional

from measuring import pin

MEAN, DEVIATION, PADDING = 0.1307, 0.3081, 2


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)
        for layer in (self.conv1, self.conv2, self.fc1, self.fc2):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        x = functional.relu(self.fc1(x.flatten(1)))
        return self.fc3(functional.relu(self.fc2(x)))


def read(directory, part):
    def idx(name, offset):
        with gzip.open(os.path.join(directory, name + ".gz"), "rb") as file:
            return numpy.frombuffer(file.read(), numpy.uint8, offset=offset)
    images = idx(part + "-images-idx3-ubyte", 16).reshape(-1, 28, 28)
    return (images.astype(numpy.float32) / 255 - MEAN) / DEVIATION, torch.from_numpy(idx(part + "-labels-idx1-ubyte", 8).astype(numpy.int64))


def batches(images, labels, order, size, random):
    """Each image shifted by up to two pixels each way; what comes in from outside is black."""
    padded = numpy.full((size, 28 + 2 * PADDING, 28 + 2 * PADDING), (0 - MEAN) / DEVIATION, numpy.float32)
    for start in range(0, len(order), size):
        chosen = order[start:start + size]
        out = numpy.empty((len(chosen), 1, 28, 28), numpy.float32)
        padded[:len(chosen), PADDING:-PADDING, PADDING:-PADDING] = images[chosen]
        for i, (top, left) in enumerate(random.integers(0, 2 * PADDING + 1, (len(chosen), 2))):
            out[i, 0] = padded[i, top:top + 28, left:left + 28]
        yield torch.from_numpy(out), labels[torch.from_numpy(chosen)]


def accuracy(net, images, labels):
    with torch.no_grad():
        return sum(int((net(torch.from_numpy(images[i:i + 250, None])).argmax(1) == labels[i:i + 250]).sum()) for i in range(0, len(labels), 250)) / len(labels)


def average_gradients(parameters, workers):
    flat = torch.cat([p.grad.view(-1) for p in parameters])
    dist.all_reduce(flat)
    flat.div_(workers)
    at = 0
    for p in parameters:
        p.grad.copy_(flat[at:at + p.numel()].view_as(p))
        at += p.numel()


def train(rank, chosen, meeting):
    pin(rank, chosen.workers)
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method="file://" + meeting, rank=rank, world_size=chosen.workers)
    images, labels = read(chosen.data, "train")
    tests = read(chosen.data, "t10k")
    torch.manual_seed(chosen.seed)
    net = LeNet()
    parameters = list(net.parameters())
    optimizer = torch.optim.SGD(parameters, chosen.lr, momentum=0.9, weight_decay=5e-4)
    os.makedirs(chosen.trace, exist_ok=True)
    step, samples, seconds = 0, 0, 0.0
    with open(os.path.join(chosen.trace, f"w{rank + 1}.csv"), "w", encoding="utf-8") as trace:
        trace.write("step,samples,seconds,started,exchanged,step_ms,cpu_ms,exchange_ms,test_accuracy\n")
        for epoch in range(1, chosen.epochs + 1):
            dist.barrier()
            order = numpy.random.default_rng((chosen.seed, epoch)).permutation(len(images))[rank::chosen.workers]
            resumed = time.perf_counter()
            for batch, classes in batches(images, labels, order, chosen.batch_size, numpy.random.default_rng((chosen.seed, epoch, rank))):
                started, busy, begun, exchange = time.time(), time.process_time(), time.perf_counter(), 0.0
                optimizer.zero_grad()
                loss = functional.cross_entropy(net(batch), classes)
                loss.backward()
                if chosen.workers > 1:
                    before = time.perf_counter()
                    average_gradients(parameters, chosen.workers)
                    exchange = time.perf_counter() - before
                optimizer.step()
                loss.item()
                end, busy_end = time.perf_counter(), time.process_time()
                step, samples, seconds = step + 1, samples + len(classes), seconds + end - resumed
                tested = f"{accuracy(net, *tests):.4f}" if step % chosen.test_every == 0 else ""
                if tested and chosen.workers > 1:
                    dist.barrier()
                resumed = time.perf_counter()
                trace.write(f"{step},{samples},{seconds:.4f},{started:.3f},{int(chosen.workers > 1)},{(end - begun) * 1e3:.3f},{(busy_end - busy) * 1e3:.3f},{exchange * 1e3:.3f},{tested}\n")
    dist.barrier()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", required=True)
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--epochs", type=int, default=2)
    arguments.add_argument("--batch-size", type=int, default=128)
    arguments.add_argument("--lr", type=float, default=0.02)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--test-every", type=int, default=20)
    arguments.add_argument("--trace", required=True, help="a directory for w1.csv, w2.csv, ...")
    chosen = arguments.parse_args()
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as directory:
        torch.multiprocessing.spawn(train, (chosen, os.path.join(directory, "meeting")), nprocs=chosen.workers)


if __name__ == "__main__":
    main()
