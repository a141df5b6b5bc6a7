// The number types of the kernel. Everything else is a template over one of them:
//   double   one patient (and one patient per thread under CUDA)
//   Lanes    eight patients side by side in one vector register
//   Dual     one patient and its derivative along eight directions
#pragma once
#include <cmath>

#if defined(__CUDACC__)
#define AZ_NUMBER __host__ __device__ inline
#define AZ_FN __host__ __device__ inline
#else
#define AZ_NUMBER inline __attribute__((always_inline))  // arithmetic
#define AZ_FN inline                                     // the stages of a step
#endif

namespace azygos {
namespace AZYGOS_ISA {

// ---- double ---------------------------------------------------------------------------------
AZ_NUMBER double root(double a) { return sqrt(a); }
AZ_NUMBER double exponential(double a) { return exp(a); }
AZ_NUMBER double select(bool m, double a, double b) { return m ? a : b; }
AZ_NUMBER bool any(long long m) { return m != 0; }
AZ_NUMBER bool lane(long long m, int) { return m != 0; }

template <class T> struct MaskOf { using type = long long; };  // as wide as a double, so that loops vectorise
template <class T> AZ_NUMBER typename MaskOf<T>::type none() { return typename MaskOf<T>::type(); }
template <class T> constexpr int lanes_of = 1;

#if !defined(__CUDACC__)
// ---- Lanes ----------------------------------------------------------------------------------
// Eight doubles, as one register of the processor or as pairs of narrower ones: a vector wider than
// the registers is taken apart element by element by gcc, four times slower.
constexpr int lane_count = 8;

#if defined(__AVX512F__)
constexpr int register_width = 8;
#elif defined(__AVX__)
constexpr int register_width = 4;
#else
constexpr int register_width = 2;
#endif

struct Pack {  // one register
    typedef double Vector __attribute__((vector_size(8 * register_width)));
    typedef long long Bits __attribute__((vector_size(8 * register_width)));
    struct Mask { Bits m; };
    Vector v;
    Pack() = default;
    AZ_NUMBER Pack(const Pack& a) : v(a.v) {}
    AZ_NUMBER Pack& operator=(const Pack& a) {
        v = a.v;
        return *this;
    }
    AZ_NUMBER Pack(double a) : v(a - Vector{}) {}
    AZ_NUMBER explicit Pack(Vector a) : v(a) {}
    friend AZ_NUMBER Pack operator+(Pack a, Pack b) { return Pack(a.v + b.v); }
    friend AZ_NUMBER Pack operator-(Pack a, Pack b) { return Pack(a.v - b.v); }
    friend AZ_NUMBER Pack operator*(Pack a, Pack b) { return Pack(a.v * b.v); }
    friend AZ_NUMBER Pack operator/(Pack a, Pack b) { return Pack(a.v / b.v); }
    friend AZ_NUMBER Pack operator-(Pack a) { return Pack(-a.v); }
    friend AZ_NUMBER Mask operator<(Pack a, Pack b) { return {a.v < b.v}; }
    friend AZ_NUMBER Mask operator>(Pack a, Pack b) { return {a.v > b.v}; }
    friend AZ_NUMBER Mask operator&(Mask a, Mask b) { return {a.m & b.m}; }
    friend AZ_NUMBER Mask operator|(Mask a, Mask b) { return {a.m | b.m}; }
    friend AZ_NUMBER Mask operator!(Mask a) { return {~a.m}; }
    friend AZ_NUMBER Pack select(Mask m, Pack a, Pack b) { return Pack(m.m ? a.v : b.v); }
    friend AZ_NUMBER Pack root(Pack a) {
        Vector r;
        for (int i = 0; i < register_width; ++i) r[i] = sqrt(a.v[i]);
        return Pack(r);
    }
    friend AZ_NUMBER Pack exponential(Pack a) {
        Vector r;
        for (int i = 0; i < register_width; ++i) r[i] = exp(a.v[i]);
        return Pack(r);
    }
    friend AZ_NUMBER bool lane(Mask a, int i) { return a.m[i] != 0; }
};

template <class Half> struct Pair {
    using HalfMask = typename Half::Mask;
    struct Mask { HalfMask lo, hi; };
    Half lo, hi;
    Pair() = default;
    // Written out: gcc copies a whole Pair through memory in pieces of eight bytes.
    AZ_NUMBER Pair(const Pair& a) : lo(a.lo), hi(a.hi) {}
    AZ_NUMBER Pair& operator=(const Pair& a) {
        lo = a.lo;
        hi = a.hi;
        return *this;
    }
    AZ_NUMBER Pair(double a) : lo(a), hi(a) {}
    AZ_NUMBER Pair(Half a, Half b) : lo(a), hi(b) {}
    friend AZ_NUMBER Pair operator+(Pair a, Pair b) { return {a.lo + b.lo, a.hi + b.hi}; }
    friend AZ_NUMBER Pair operator-(Pair a, Pair b) { return {a.lo - b.lo, a.hi - b.hi}; }
    friend AZ_NUMBER Pair operator*(Pair a, Pair b) { return {a.lo * b.lo, a.hi * b.hi}; }
    friend AZ_NUMBER Pair operator/(Pair a, Pair b) { return {a.lo / b.lo, a.hi / b.hi}; }
    friend AZ_NUMBER Pair operator-(Pair a) { return {-a.lo, -a.hi}; }
    friend AZ_NUMBER Mask operator<(Pair a, Pair b) { return {a.lo < b.lo, a.hi < b.hi}; }
    friend AZ_NUMBER Mask operator>(Pair a, Pair b) { return {a.lo > b.lo, a.hi > b.hi}; }
    friend AZ_NUMBER Mask operator&(Mask a, Mask b) { return {a.lo & b.lo, a.hi & b.hi}; }
    friend AZ_NUMBER Mask operator|(Mask a, Mask b) { return {a.lo | b.lo, a.hi | b.hi}; }
    friend AZ_NUMBER Mask operator!(Mask a) { return {!a.lo, !a.hi}; }
    friend AZ_NUMBER Pair select(Mask m, Pair a, Pair b) { return {select(m.lo, a.lo, b.lo), select(m.hi, a.hi, b.hi)}; }
    friend AZ_NUMBER Pair root(Pair a) { return {root(a.lo), root(a.hi)}; }
    friend AZ_NUMBER Pair exponential(Pair a) { return {exponential(a.lo), exponential(a.hi)}; }
    friend AZ_NUMBER bool lane(Mask a, int i) {
        const int half = sizeof(Half) / sizeof(double);
        return i < half ? lane(a.lo, i) : lane(a.hi, i - half);
    }
};

template <int width> struct Packed {
    using type = Pair<typename Packed<width / 2>::type>;
};
template <> struct Packed<register_width> {
    using type = Pack;
};
using Lanes = Packed<lane_count>::type;
using Mask = Lanes::Mask;

AZ_NUMBER bool any(Mask a) {
    bool found = false;
    for (int i = 0; i < lane_count; ++i) found = found || lane(a, i);
    return found;
}
template <> struct MaskOf<Lanes> { using type = Mask; };
template <> constexpr int lanes_of<Lanes> = lane_count;

// ---- Dual -----------------------------------------------------------------------------------
struct Dual {  // value and derivative along lane_count directions; compared by value
    double v;
    double d[lane_count];
    Dual() = default;
    AZ_NUMBER Dual(double a) : v(a), d{} {}
};
template <class Slope> AZ_NUMBER Dual derived(double v, Slope slope) {
    Dual r(v);
    for (int i = 0; i < lane_count; ++i) r.d[i] = slope(i);
    return r;
}
AZ_NUMBER Dual operator+(const Dual& a, const Dual& b) { return derived(a.v + b.v, [&](int i) { return a.d[i] + b.d[i]; }); }
AZ_NUMBER Dual operator-(const Dual& a, const Dual& b) { return derived(a.v - b.v, [&](int i) { return a.d[i] - b.d[i]; }); }
AZ_NUMBER Dual operator-(const Dual& a) { return derived(-a.v, [&](int i) { return -a.d[i]; }); }
AZ_NUMBER Dual operator*(const Dual& a, const Dual& b) {
    return derived(a.v * b.v, [&](int i) { return a.d[i] * b.v + a.v * b.d[i]; });
}
AZ_NUMBER Dual operator/(const Dual& a, const Dual& b) {
    const double inverse = 1.0 / b.v, v = a.v / b.v;
    return derived(v, [&](int i) { return (a.d[i] - v * b.d[i]) * inverse; });
}
AZ_NUMBER bool operator<(const Dual& a, const Dual& b) { return a.v < b.v; }
AZ_NUMBER bool operator>(const Dual& a, const Dual& b) { return a.v > b.v; }
AZ_NUMBER Dual select(bool m, const Dual& a, const Dual& b) { return m ? a : b; }
AZ_NUMBER Dual root(const Dual& a) {
    const double v = sqrt(a.v), slope = 0.5 / v;
    return derived(v, [&](int i) { return slope * a.d[i]; });
}
AZ_NUMBER Dual exponential(const Dual& a) {
    const double v = exp(a.v);
    return derived(v, [&](int i) { return v * a.d[i]; });
}
#endif

template <class T> AZ_NUMBER T larger(T a, T b) { return select(a > b, a, b); }
template <class T> AZ_NUMBER T smaller(T a, T b) { return select(a < b, a, b); }
template <class T> AZ_NUMBER T magnitude(T a) { return larger(a, -a); }
template <class T> AZ_NUMBER T clamped(T a, T low, T high) { return smaller(larger(a, low), high); }

}  // namespace AZYGOS_ISA
}  // namespace azygos
