"""The mean of a float32 vector over all workers, by OpenMPI's all-reduce, in place: the strongest synchronous peer on one host.

  mpirun -n 2 /usr/bin/python3 benchmarks/peers/mpi_allreduce.py --sizes 1000000,45000000 --steps 30
"""
import argparse

import numpy
from mpi4py import MPI

from measuring import pin, report, timed


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--sizes", default="45000000", help="bytes, separated by commas")
    arguments.add_argument("--steps", type=int, default=30)
    arguments.add_argument("--warm", type=int, default=3)
    chosen = arguments.parse_args()
    world = MPI.COMM_WORLD
    pin(world.rank, world.size)
    share = numpy.float32(1 / world.size)

    for size in map(int, chosen.sizes.split(",")):
        vector = numpy.full(size // 4, world.rank + 1, numpy.float32)

        def mean():
            world.Allreduce(MPI.IN_PLACE, vector, MPI.SUM)
            numpy.multiply(vector, share, out=vector)

        wall, cpu = timed(mean, world.Barrier, chosen.warm, chosen.steps)
        assert abs(vector[0] - (world.size + 1) / 2) < 1e-3, vector[0]
        all_wall, all_cpu = world.gather(wall), world.gather(cpu)
        if world.rank == 0:
            report("openmpi", size, world.size, all_wall, all_cpu)


main()
