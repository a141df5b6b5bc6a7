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
constexpr int lane_count = 8;
typedef double Vector __attribute__((vector_size(8 * lane_count)));
typedef long long MaskVector __attribute__((vector_size(8 * lane_count)));

struct Mask { MaskVector m; };
struct Lanes {
    Vector v;
    Lanes() = default;
    AZ_NUMBER Lanes(double a) : v(a - Vector{}) {}  // subtracting zero broadcasts and keeps the sign of -0
    AZ_NUMBER Lanes(Vector a) : v(a) {}
};
AZ_NUMBER Lanes operator+(Lanes a, Lanes b) { return a.v + b.v; }
AZ_NUMBER Lanes operator-(Lanes a, Lanes b) { return a.v - b.v; }
AZ_NUMBER Lanes operator*(Lanes a, Lanes b) { return a.v * b.v; }
AZ_NUMBER Lanes operator/(Lanes a, Lanes b) { return a.v / b.v; }
AZ_NUMBER Lanes operator-(Lanes a) { return -a.v; }
AZ_NUMBER Mask operator<(Lanes a, Lanes b) { return {a.v < b.v}; }
AZ_NUMBER Mask operator>(Lanes a, Lanes b) { return {a.v > b.v}; }
AZ_NUMBER Mask operator&(Mask a, Mask b) { return {a.m & b.m}; }
AZ_NUMBER Mask operator|(Mask a, Mask b) { return {a.m | b.m}; }
AZ_NUMBER Mask operator!(Mask a) { return {~a.m}; }
AZ_NUMBER Lanes select(Mask m, Lanes a, Lanes b) { return m.m ? a.v : b.v; }
AZ_NUMBER Lanes root(Lanes a) {
    Vector r;
    for (int i = 0; i < lane_count; ++i) r[i] = sqrt(a.v[i]);
    return r;
}
AZ_NUMBER Lanes exponential(Lanes a) {
    Vector r;
    for (int i = 0; i < lane_count; ++i) r[i] = exp(a.v[i]);
    return r;
}
AZ_NUMBER bool any(Mask a) {
    long long found = 0;
    for (int i = 0; i < lane_count; ++i) found |= a.m[i];
    return found != 0;
}
AZ_NUMBER bool lane(Mask a, int i) { return a.m[i] != 0; }
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
