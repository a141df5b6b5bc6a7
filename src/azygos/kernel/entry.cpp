// What Python calls: the layout of the arrays, and advance() in the build that suits the processor.
#include "circuit.hpp"

#include <cstring>

using namespace azygos;

#define ADVANCE_ARGUMENTS                                                                                   \
    const Circuit *c, double *const *fields, double *state, double *spare, int count, const double *signals, \
        int steps, int fresh, const Record *r, Fate *fates
using Advance = void (*)(ADVANCE_ARGUMENTS);
using Limit = int (*)(int passes);

#define DECLARE(isa)                                    \
    extern "C" void advance_one_##isa(ADVANCE_ARGUMENTS);   \
    extern "C" void advance_lanes_##isa(ADVANCE_ARGUMENTS); \
    extern "C" void advance_dual_##isa(ADVANCE_ARGUMENTS); \
    extern "C" int limit_one_##isa(int passes);             \
    extern "C" int limit_lanes_##isa(int passes);

struct Build {
    const char* name;
    Advance one, lanes, dual;
    Limit limit_one, limit_lanes;
};

#if defined(__x86_64__)
DECLARE(v2)
DECLARE(v3)
DECLARE(v4)
static const Build builds[] = {
    {"x86-64-v4", advance_one_v4, advance_lanes_v4, advance_dual_v4, limit_one_v4, limit_lanes_v4},
    {"x86-64-v3", advance_one_v3, advance_lanes_v3, advance_dual_v3, limit_one_v3, limit_lanes_v3},
    {"x86-64-v2", advance_one_v2, advance_lanes_v2, advance_dual_v2, limit_one_v2, limit_lanes_v2},
};
static bool runs_here(const Build& build) {
    __builtin_cpu_init();
    if (!std::strcmp(build.name, "x86-64-v4"))
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("fma");
    if (!std::strcmp(build.name, "x86-64-v3"))
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    return true;
}
#else
DECLARE(native)
static const Build builds[] = {
    {"native", advance_one_native, advance_lanes_native, advance_dual_native, limit_one_native, limit_lanes_native},
};
static bool runs_here(const Build&) { return true; }
#endif

static const Build* chosen = nullptr;

extern "C" {

// Choose a build by name, or the best for this processor (null). Returns its name, null if it cannot run here.
const char* azygos_choose(const char* name) {
    for (const Build& build : builds)
        if (runs_here(build) && (!name || !std::strcmp(build.name, name))) {
            chosen = &build;
            return build.name;
        }
    return nullptr;
}

// "name:extent " of every array, in the order in which advance() takes them.
const char* azygos_layout(int part) {
#define X(name) #name " "
    static const char extents[] = AZYGOS_EXTENTS(X);
#undef X
#define X(name, extent) #name ":" #extent " "
    static const char topology[] = AZYGOS_TOPOLOGY(X);
    static const char state[] = AZYGOS_STATE(X);
    static const char parameters[] = AZYGOS_PARAMETERS(X);
    static const char work[] = AZYGOS_WORK(X);
#undef X
    const char* parts[] = {extents, topology, state, parameters, work};
    return parts[part];
}

// `width` doubles a number: 1 one patient, 8 lanes, 9 a dual number.
void azygos_advance(int width, const Circuit* c, double* const* fields, double* state, double* spare, int count,
                    const double* signals, int steps, int fresh, const Record* r, Fate* fates) {
    if (!chosen) azygos_choose(nullptr);
    const Advance go = width == 1 ? chosen->one : width == 8 ? chosen->lanes : chosen->dual;
    go(c, fields, state, spare, count, signals, steps, fresh, r, fates);
}

// The arithmetic of a step alone (limit.hpp), `passes` times over; returns the cells of a pass.
int azygos_limit(int width, int passes) {
    if (!chosen) azygos_choose(nullptr);
    return (width == 1 ? chosen->limit_one : chosen->limit_lanes)(passes);
}
}
