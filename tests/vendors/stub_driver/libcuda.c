/* A stand-in for libcuda.so.1 with the calls that the CUDA layer makes, so that NVIDIA's own
 * cuda-bindings can be run without a driver: what it makes of our arguments is its affair then.
 *
 * Names and types: CUDA Driver API, cuda.h. The device is a processor: kernels of two names, copies.
 * Work is done when it is given, but an event comes when what was given would have ended. What is
 * still open when the context goes, and a handle of another kind, end the process.
 *
 *     gcc -shared -fPIC -Wl,-soname,libcuda.so.1 -o libcuda.so.1 libcuda.c -ldl
 *
 * With -DBEFORE_CUDA_12 it lacks the call by which newer packages find all others.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef int Result;
typedef uint64_t Pointer;
enum { OK, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_READY = 600, ALREADY_REGISTERED = 712 };
enum { COPY, ADD_ONE, SPIN };
enum { MOST_WORK = 64, MOST_RANGES = 256, GREATEST = -5 };

typedef struct { int kind; uint8_t *source, *target; uint64_t count; } Work;
typedef struct { int magic, capturing; uint64_t busy_until_ns; Work work[MOST_WORK]; int given; } Stream;
typedef struct { int magic; uint64_t comes_ns; } Event;
typedef struct { int magic; Work work[MOST_WORK]; int given; } Graph;
typedef struct { int magic, kind; } Function;
typedef struct { uint8_t *first; uint64_t bytes; } Range;

static int open_objects, retained, flags_of_context, captures, spoilt;
static __thread int current;
static Range registered[MOST_RANGES];
static int retained_handle;
static int attributes[][2] = {{18, 0}, {19, 1}, {75, 8}, {76, 6}, {99, 1}, {113, 1}};

static void wrong(const char *what) {
    fprintf(stderr, "stub driver: %s\n", what);
    abort();
}

static uint64_t now_ns(void) {
    struct timespec it;
    clock_gettime(CLOCK_MONOTONIC, &it);
    return (uint64_t)it.tv_sec * 1000000000u + it.tv_nsec;
}

static void *made(size_t bytes, int magic) {
    int *it = calloc(1, bytes);
    *it = magic;
    open_objects++;
    return it;
}

static void released(void *it, int magic) {
    if (!it || *(int *)it != magic) wrong("a handle of another kind, or released twice");
    *(int *)it = 0;
    open_objects--;
}

static void check(const void *it, int magic) {
    if (!it || *(const int *)it != magic) wrong("a handle of another kind");
    if (!current) wrong("no current context");
}

static void run(Stream *stream, const Work *it) {
    uint64_t now = now_ns();
    if (it->kind == COPY) memmove(it->target, it->source, it->count);
    if (it->kind == ADD_ONE)
        for (uint64_t k = 0; k < it->count; k++) it->target[k] = it->source[k] + 1;
    if (stream->busy_until_ns < now) stream->busy_until_ns = now;
    if (it->kind == SPIN) stream->busy_until_ns += it->count;
}

static Result give(Stream *stream, Work work) {
    check(stream, 'S');
    if (!stream->capturing) { run(stream, &work); return OK; }
    if (stream->given == MOST_WORK) wrong("too much work in a capture");
    stream->work[stream->given++] = work;
    return OK;
}

/* -- device and context */
Result cuInit(unsigned flags) { return flags ? INVALID_VALUE : OK; }
Result cuDriverGetVersion(int *version) {
    const char *told = getenv("STUB_DRIVER_VERSION");
    *version = told ? atoi(told) : 13020;
    return OK;
}
Result cuDeviceGetCount(int *count) { *count = 1; return OK; }
Result cuDeviceGet(int *device, int ordinal) { *device = 0; return ordinal ? 101 : OK; }
Result cuDeviceGetName(char *name, int length, int device) {
    snprintf(name, length, "Stub device %d", device);
    return OK;
}
Result cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = (size_t)8 << 30; return device; }
Result cuDeviceGetAttribute(int *value, int number, int device) {
    for (size_t k = 0; k < sizeof attributes / sizeof *attributes; k++)
        if (attributes[k][0] == number) { *value = attributes[k][1]; return device; }
    wrong("a device attribute that it does not have");
    return INVALID_VALUE;
}
Result cuDevicePrimaryCtxSetFlags_v2(int device, unsigned flags) {
    if (flags != 1 && flags != 4) wrong("flags of a context that nobody asks for");
    if (retained && (int)flags != flags_of_context) return 708;
    flags_of_context = flags;
    return device;
}
Result cuDevicePrimaryCtxRetain(void **context, int device) {
    retained++;
    *context = &retained_handle;
    return device;
}
Result cuDevicePrimaryCtxRelease_v2(int device) {
    if (!retained--) wrong("a context released once too often");
    if (!retained && open_objects) wrong("a context released before what is in it");
    return device;
}
Result cuCtxSetCurrent(void *context) {
    if (context && context != &retained_handle) wrong("a context of somebody else");
    current = context != NULL;
    return OK;
}
Result cuCtxGetStreamPriorityRange(int *least, int *greatest) {
    *least = 0;
    *greatest = GREATEST;
    return current ? OK : 201;
}

/* -- memory */
Result cuMemAlloc_v2(Pointer *pointer, size_t bytes) {
    if (!current) return 201;
    if (captures) { spoilt = 1; return 900; }
    if (!bytes) return INVALID_VALUE;
    if (bytes > (size_t)8 << 30) return OUT_OF_MEMORY;
    *pointer = (Pointer)((uint8_t *)made(bytes + 256, 'M') + 256);
    return OK;
}
Result cuMemFree_v2(Pointer pointer) { released((void *)(pointer - 256), 'M'); return OK; }
Result cuMemHostAlloc(void **host, size_t bytes, unsigned flags) {
    if (!(flags & 2)) wrong("pinned memory that is not mapped");
    *host = (uint8_t *)made(bytes + 256, 'H') + 256;
    return OK;
}
Result cuMemFreeHost(void *host) { released((uint8_t *)host - 256, 'H'); return OK; }
Result cuMemHostRegister_v2(void *host, size_t bytes, unsigned flags) {
    uint8_t *first = host;
    if (!(flags & 2) || (flags & ~10u)) wrong("flags of registered memory that nobody asks for");
    for (int k = 0; k < MOST_RANGES; k++) {
        Range *it = &registered[k];
        if (it->first && first < it->first + it->bytes && it->first < first + bytes)
            return ALREADY_REGISTERED;
    }
    for (int k = 0; k < MOST_RANGES; k++)
        if (!registered[k].first) {
            registered[k] = (Range){first, bytes};
            open_objects++;
            return OK;
        }
    return OUT_OF_MEMORY;
}
Result cuMemHostUnregister(void *host) {
    for (int k = 0; k < MOST_RANGES; k++)
        if (registered[k].first == host) {
            registered[k].first = NULL;
            open_objects--;
            return OK;
        }
    wrong("unregistered, and never registered");
    return INVALID_VALUE;
}
Result cuMemHostGetDevicePointer_v2(Pointer *pointer, void *host, unsigned flags) {
    *pointer = (Pointer)host;
    return flags ? INVALID_VALUE : OK;
}
Result cuMemcpyHtoDAsync_v2(Pointer target, const void *source, size_t bytes, Stream *stream) {
    return give(stream, (Work){COPY, (uint8_t *)source, (uint8_t *)target, bytes});
}
Result cuMemcpyDtoHAsync_v2(void *target, Pointer source, size_t bytes, Stream *stream) {
    return give(stream, (Work){COPY, (uint8_t *)source, target, bytes});
}

/* -- streams and events */
Result cuStreamCreateWithPriority(Stream **stream, unsigned flags, int priority) {
    if (flags != 1 || (priority && priority != GREATEST)) wrong("a stream that nobody asks for");
    *stream = made(sizeof **stream, 'S');
    return OK;
}
Result cuStreamDestroy_v2(Stream *stream) { released(stream, 'S'); return OK; }
Result cuStreamQuery(Stream *stream) {
    check(stream, 'S');
    return now_ns() < stream->busy_until_ns ? NOT_READY : OK;
}
Result cuEventCreate(Event **event, unsigned flags) {
    if (flags != 2) wrong("an event with timing");
    *event = made(sizeof **event, 'E');
    return OK;
}
Result cuEventDestroy_v2(Event *event) { released(event, 'E'); return OK; }
Result cuEventRecord(Event *event, Stream *stream) {
    check(event, 'E');
    check(stream, 'S');
    event->comes_ns = stream->busy_until_ns;
    return OK;
}
Result cuEventQuery(Event *event) {
    check(event, 'E');
    return now_ns() < event->comes_ns ? NOT_READY : OK;
}

/* -- graphs */
Result cuStreamBeginCapture_v2(Stream *stream, int mode) {
    check(stream, 'S');
    if (mode != 1) wrong("a capture that other threads can spoil");
    stream->capturing = captures = 1;
    stream->given = spoilt = 0;
    return OK;
}
Result cuStreamEndCapture(Stream *stream, Graph **graph) {
    check(stream, 'S');
    stream->capturing = captures = 0;
    if (spoilt) return 901;
    *graph = made(sizeof **graph, 'G');
    memcpy((*graph)->work, stream->work, sizeof stream->work);
    (*graph)->given = stream->given;
    return OK;
}
Result cuGraphInstantiateWithFlags(Graph **launched, Graph *graph, unsigned long long flags) {
    check(graph, 'G');
    *launched = made(sizeof **launched, 'X');
    memcpy((*launched)->work, graph->work, sizeof graph->work);
    (*launched)->given = graph->given;
    return flags ? INVALID_VALUE : OK;
}
Result cuGraphDestroy(Graph *graph) { released(graph, 'G'); return OK; }
Result cuGraphExecDestroy(Graph *launched) { released(launched, 'X'); return OK; }
Result cuGraphLaunch(Graph *launched, Stream *stream) {
    check(launched, 'X');
    for (int k = 0; k < launched->given; k++) give(stream, launched->work[k]);
    return OK;
}

/* -- kernels: of tests alone */
static Function functions[] = {{'F', ADD_ONE}, {'F', SPIN}};
Result cuModuleLoadData(void **module, const void *image) {
    if (!strstr(image, ".entry add_one") || !strstr(image, ".entry spin")) return 218;
    *module = functions;
    return OK;
}
Result cuModuleGetFunction(Function **function, void *module, const char *name) {
    if (module != functions) wrong("a module of somebody else");
    *function = &functions[strcmp(name, "add_one") != 0];
    return OK;
}
Result cuLaunchKernel(Function *function, unsigned x, unsigned y, unsigned z, unsigned threads,
                      unsigned ty, unsigned tz, unsigned shared, Stream *stream, void **given,
                      void **extra) {
    check(function, 'F');
    if (y != 1 || z != 1 || ty != 1 || tz != 1 || shared || extra) return INVALID_VALUE;
    if (function->kind == SPIN) return give(stream, (Work){SPIN, NULL, NULL, *(uint64_t *)given[0]});
    uint32_t count = *(uint32_t *)given[2];
    if ((uint64_t)x * threads < count) wrong("fewer threads than bytes");
    return give(stream, (Work){ADD_ONE, *(uint8_t **)given[0], *(uint8_t **)given[1], count});
}

Result cuGetErrorName(int code, const char **name) {
    *name = code == INVALID_VALUE ? "CUDA_ERROR_INVALID_VALUE" : "CUDA_ERROR_OF_THE_STUB";
    return OK;
}
Result cuGetErrorString(int code, const char **text) {
    *text = code == INVALID_VALUE ? "invalid argument" : "a text of the stub";
    return OK;
}

#ifndef BEFORE_CUDA_12
Result cuGetProcAddress_v2(const char *symbol, void **function, int version, uint64_t flags,
                           int *status) {
    static const char *suffixes[] = {"_v2", "WithFlags", ""};
    char name[128];
    *function = NULL;
    for (int k = 0; k < 3 && !*function; k++) {
        snprintf(name, sizeof name, "%s%s", symbol, suffixes[k]);
        *function = dlsym(RTLD_DEFAULT, name);
    }
    if (status) *status = *function ? 0 : 1;
    return version < 0 || flags > 2 ? INVALID_VALUE : *function ? OK : 500;
}
#endif
