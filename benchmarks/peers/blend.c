/* How fast a natively compiled loop copies and blends memory, on as many cores at once as there are workers.
 *
 *   gcc -O3 -march=native -o blend benchmarks/peers/blend.c && ./blend WORKERS ROUNDS BYTES...
 *
 * Prints a line of JSON for each size: GB/s (10^9 bytes; read and written both counted: 2 for a copy, 3 for a blend), the median of all rounds
 * of all workers. All workers begin each round together. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_RESULTS = 4096, UNMEASURED = 2 };

struct shared {
    atomic_int arrived;
    double copy[MAX_RESULTS], blend[MAX_RESULTS];
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static __attribute__((noinline)) void blend(float *restrict x, const float *restrict y, float a, size_t n)
{
    const float keep = 1 - a;
    for (size_t i = 0; i < n; i++)
        x[i] = x[i] * keep + y[i] * a;
}

/* Waits until all have come for the given time. It yields: there may be more workers than cores. */
static void meet(struct shared *s, int workers, int times)
{
    atomic_fetch_add(&s->arrived, 1);
    while (atomic_load(&s->arrived) < workers * times)
        sched_yield();
}

static void work(struct shared *s, int worker, int workers, int rounds, size_t bytes)
{
    size_t n = bytes / sizeof(float), room = (bytes + 63) / 64 * 64;
    /* Kept apart by more than the sizes: each in a mapping of its own. */
    float *x = aligned_alloc(64, room), *y = aligned_alloc(64, room);
    if (!x || !y)
        exit(1);
    for (size_t i = 0; i < n; i++) {
        x[i] = (float)(i % 1000) / 1000 - 0.5f;
        y[i] = (float)(i % 777) / 777 - 0.5f;
    }
    /* What is over within microseconds is repeated until a clock can see it. */
    int repeats = bytes >= 4000000 ? 1 : (int)(4000000 / bytes);
    for (int round = -UNMEASURED, times = 1; round < rounds; round++, times += 2) {
        meet(s, workers, times);
        double start = now();
        for (int i = 0; i < repeats; i++) {
            memcpy(x, y, bytes);
            __asm__ volatile("" ::: "memory");
        }
        double copied = now() - start;
        meet(s, workers, times + 1);
        start = now();
        for (int i = 0; i < repeats; i++) {
            blend(x, y, 0.5f, n);
            __asm__ volatile("" ::: "memory");
        }
        double blended = now() - start;
        if (round >= 0) {
            s->copy[round * workers + worker] = 2.0 * bytes * repeats / copied / 1e9;
            s->blend[round * workers + worker] = 3.0 * bytes * repeats / blended / 1e9;
        }
    }
}

static int compare(const void *a, const void *b)
{
    double d = *(const double *)a - *(const double *)b;
    return (d > 0) - (d < 0);
}

static double median(double *values, int count)
{
    qsort(values, count, sizeof *values, compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

int main(int argc, char **argv)
{
    int workers = argc > 3 ? atoi(argv[1]) : 0, rounds = argc > 3 ? atoi(argv[2]) : 0;
    if (workers < 1 || rounds < 1 || workers * rounds > MAX_RESULTS) {
        fprintf(stderr, "usage: blend WORKERS ROUNDS BYTES...\n");
        return 2;
    }
    cpu_set_t cores;
    sched_getaffinity(0, sizeof cores, &cores);
    for (int arg = 3; arg < argc; arg++) {
        size_t bytes = strtoull(argv[arg], NULL, 10) / sizeof(float) * sizeof(float);
        struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (s == MAP_FAILED || bytes == 0)
            return 1;
        for (int worker = 0, core = -1; worker < workers; worker++) {
            if (workers <= CPU_COUNT(&cores))
                do core++; while (!CPU_ISSET(core, &cores));
            if (fork() == 0) {
                if (core >= 0) {
                    cpu_set_t own;
                    CPU_ZERO(&own);
                    CPU_SET(core, &own);
                    sched_setaffinity(0, sizeof own, &own);
                }
                work(s, worker, workers, rounds, bytes);
                _exit(0);
            }
        }
        int failed = 0;
        for (int worker = 0, status; worker < workers; worker++)
            failed |= wait(&status) < 0 || status != 0;
        if (failed)
            return 1;
        printf("{\"peer\": \"c\", \"bytes\": %zu, \"workers\": %d, \"copy_gb_per_s\": %.2f, \"blend_gb_per_s\": %.2f}\n",
               bytes, workers, median(s->copy, workers * rounds), median(s->blend, workers * rounds));
        fflush(stdout);
        munmap(s, sizeof *s);
    }
    return 0;
}
