"""What the peers' programs share: a core for each worker, a clock around each step, a line of JSON."""
import json
import os
import statistics
import time


def pin(rank, workers):
    """Gives the worker a core of its own, where there are as many."""
    cores = sorted(os.sched_getaffinity(0))
    if workers <= len(cores):
        os.sched_setaffinity(0, {cores[rank]})


def timed(step, barrier, warm, steps):
    """Milliseconds, and those of this process's CPU, of each step; all workers begin each step together."""
    wall, cpu = [], []
    for i in range(warm + steps):
        barrier()
        busy, start = time.process_time(), time.perf_counter()
        step()
        end, busy_end = time.perf_counter(), time.process_time()
        if i >= warm:
            wall.append((end - start) * 1e3)
            cpu.append((busy_end - busy) * 1e3)
    return wall, cpu


def report(peer, size, workers, all_wall, all_cpu):
    """Prints one line for the steps of all workers."""
    wall = sorted(ms for worker in all_wall for ms in worker)
    print(json.dumps({
        "peer": peer, "bytes": size, "workers": workers, "steps": len(all_wall[0]),
        "exchange_ms": {"median": statistics.median(wall), "p99": wall[min(len(wall) - 1, int(0.99 * len(wall)))], "min": wall[0]},
        "cpu_ms": statistics.median(ms for worker in all_cpu for ms in worker),
    }), flush=True)
