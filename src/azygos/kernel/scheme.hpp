// How a step goes from the past to the new time: BDF2, y'(t+dt) = a y(t+dt) - (now y - past y_old), or
// backward Euler to start and to repeat a step in pieces.
#pragma once
#include "circuit.hpp"
#include "number.hpp"

#if defined(__GNUC__) && !defined(__CUDACC__)
#define AZ_INDEPENDENT _Pragma("GCC ivdep")
#else
#define AZ_INDEPENDENT
#endif

namespace azygos {
namespace AZYGOS_ISA {

// A step in which an area, or the volume of a collapsible store, shrinks or grows beyond these factors of its
// guess is done again in pieces.
constexpr double shrink_limit = 0.3, growth_limit = 3.0;

template <class T> struct Scheme {
    T a;            // y' = a y_new - (now y - past y_old)
    T now, past;
    T extrapolate;  // 1: linear extrapolation to the new time, 0: none
};

template <class T> AZ_NUMBER Scheme<T> bdf2(T dt) {
    const T rate = T(1.0) / dt;
    return {T(1.5) * rate, T(2.0) * rate, T(0.5) * rate, T(1.0)};
}
template <class T> AZ_NUMBER Scheme<T> backward_euler(T dt) {
    const T rate = T(1.0) / dt;
    return {rate, rate, T(0.0), T(0.0)};
}

}  // namespace AZYGOS_ISA
}  // namespace azygos
