"""The mean of a float32 vector over all workers, by the all-reduce of PyTorch's gloo, in place. Starts its workers itself.

  /usr/bin/python3 benchmarks/peers/gloo_allreduce.py --workers 2 --sizes 1000000,45000000 --steps 30
"""
import argparse
import os
import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing

from measuring import pin, report, timed


def worker(rank, chosen, meeting):
    pin(rank, chosen.workers)
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method="file://" + meeting, rank=rank, world_size=chosen.workers)
    for size in map(int, chosen.sizes.split(",")):
        vector = torch.full((size // 4,), float(rank + 1))

        def mean():
            dist.all_reduce(vector)
            vector.div_(chosen.workers)

        wall, cpu = timed(mean, dist.barrier, chosen.warm, chosen.steps)
        assert abs(float(vector[0]) - (chosen.workers + 1) / 2) < 1e-3, float(vector[0])
        times = [None] * chosen.workers
        dist.all_gather_object(times, (wall, cpu))
        if rank == 0:
            report("gloo", size, chosen.workers, *zip(*times))
    dist.barrier()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--sizes", default="45000000", help="bytes, separated by commas")
    arguments.add_argument("--steps", type=int, default=30)
    arguments.add_argument("--warm", type=int, default=3)
    chosen = arguments.parse_args()
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as directory:
        torch.multiprocessing.spawn(worker, (chosen, os.path.join(directory, "meeting")), nprocs=chosen.workers)


if __name__ == "__main__":
    main()
