// The speed of light of the step: its arithmetic on cells and nothing else.
//
// One pass does for each of a few cells what one step does for a cell of a vessel: the operations of
// guesses, faces, momentum, walls, balances, sweep, back_substitute, speeds and areas (vessels.hpp), in
// their order; change them together. Per cell: 75 multiplications, 41 additions, 4 divisions, 1 square
// root, 7 choices of one of two (maxima among them), 4 comparisons. What a step has besides is left out:
//   * memory: all numbers lie in 20 KB, in the nearest cache; what one stage hands to the next stays
//     in a register, so that a cell is read once and written once;
//   * dependence: what a cell takes from its neighbours, in the sweep too, is a given number. Cells are
//     independent, so that a `double` pass fills vector registers across cells and Lanes across patients;
//   * ends of vessels, nodes, links, stores, valves.
#pragma once
#include "step.hpp"

namespace azygos {
namespace AZYGOS_ISA {

constexpr int limit_doubles = 64;  // of each array

template <class T> struct LimitCells {
    static constexpr int count = limit_doubles * sizeof(double) / sizeof(T);
    // as in circuit.hpp; `_before` and `_beyond` are the values of the neighbours
    T area[count], area_old[count], speed[count], speed_beyond[count], speed_old[count], flow[count],
        flow_beyond[count], kinetic_old[count], stiffness[count];
    T inverse_area0[count], k_half[count], k_vein[count], base[count], gamma[count], length[count],
        inverse_length[count], inverse_inertia[count], friction[count];
    T area_before[count], upwind_before[count], kinetic_before[count], conductance_beyond[count],
        source_beyond[count], diagonal_taken[count], right_side_given[count], to_left[count], left[count],
        beyond[count];
    // written
    T new_area[count], new_speed[count], new_flow[count], new_pressure[count], new_stiffness[count],
        new_kinetic[count], left_diagonal[count], left_right_side[count], next_taken[count], next_given[count],
        next_to_left[count];
};

// A cell of a vein of 1 cm2 and 2 cm, at rest but for 10 cm/s, dt = 2 ms.
template <class T> AZ_FN void fill_limit(LimitCells<T>& f) {
    for (int s = 0; s < f.count; ++s) {
        const double vary = 1.0 + 0.01 * s / f.count, area = 1e-4 * vary;
        f.area[s] = f.area_before[s] = T(area);
        f.area_old[s] = T(0.999 * area);
        f.speed[s] = f.speed_beyond[s] = T(0.1 * vary);
        f.speed_old[s] = T(0.099);
        f.flow[s] = f.flow_beyond[s] = T(1e-5 * vary);
        f.kinetic_old[s] = f.kinetic_before[s] = T(5.3);
        f.stiffness[s] = T(9000.0);
        f.inverse_area0[s] = T(1e4);
        f.k_half[s] = T(0.0);
        f.k_vein[s] = T(780.0);
        f.base[s] = T(600.0);
        f.gamma[s] = T(1e5);
        f.length[s] = T(0.02);
        f.inverse_length[s] = T(50.0);
        f.inverse_inertia[s] = T(0.05);
        f.friction[s] = T(9.5e-5);
        f.upwind_before[s] = T(0.0);
        f.conductance_beyond[s] = T(6.3e-9);
        f.source_beyond[s] = T(1e-5);
        f.diagonal_taken[s] = T(2e-9);
        f.right_side_given[s] = T(1e-7);
        f.to_left[s] = T(6e-9);
        f.left[s] = f.beyond[s] = T(610.0);
    }
}

// One pass over all cells; returns where the result is not a number. Not inlined: a compiler that sees the
// passes in a row could do them once.
template <class T>
__attribute__((noinline)) typename MaskOf<T>::type limit_pass(
    LimitCells<T>& f, const Scheme<T>& scheme, T density) {
    const T a = scheme.a, now = scheme.now, past = scheme.past, reach = scheme.extrapolate;
    const T half_density = T(0.5) * density;
    const T width = T(1.0 / (froude2_high - froude2_low)), froude_scale = density * width;
    const T inverse_a = T(1.0) / scheme.a;
    typename MaskOf<T>::type bad = none<T>();
    AZ_INDEPENDENT
    for (int s = 0; s < f.count; ++s) {
        // guesses
        const T area = f.area[s], area_old = f.area_old[s], speed = f.speed[s], speed_right = f.speed_beyond[s];
        const T flow_right = f.flow_beyond[s], stiffness_old = f.stiffness[s];
        const T over = T(1.0) / (area * stiffness_old);
        const T mean_speed = T(0.5) * (f.flow[s] + flow_right) * stiffness_old * over;
        const T left2 = speed * speed, right2 = speed_right * speed_right, mean2 = mean_speed * mean_speed;
        const T excess = larger(left2, right2) * froude_scale * (area * over) - T(froude2_low) * width;
        const T blend = clamped(excess, T(0.0), T(1.0));
        const T upstream2 = select(mean_speed > T(0.0), left2, right2);
        const T kinetic_now = half_density * (mean2 + blend * (upstream2 - mean2));
        const T trust = reach * (T(1.0) - blend);
        const T kinetic = kinetic_now + trust * (kinetic_now - f.kinetic_old[s]);
        f.new_kinetic[s] = kinetic_now;
        const T guess = larger(area + trust * (area - area_old), T(0.5) * area);
        const T area_past = now * area - past * area_old;
        // faces
        const T before = f.area_before[s], centred = T(0.5) * (before + guess);
        const T face_upstream = select(speed > T(0.0), before, guess);
        const T face_area = centred + larger(f.upwind_before[s], blend) * (face_upstream - centred);
        const T head_jump = kinetic - f.kinetic_before[s];
        // momentum
        const T speed_past = now * speed - past * f.speed_old[s];
        const T damped = a * face_area + f.friction[s];
        const T inverse = T(1.0) / (face_area * damped);
        const T mobility = face_area * face_area * face_area * inverse;
        const T conductance = mobility * f.inverse_inertia[s], inverse_face = damped * inverse;
        const T source = mobility * speed_past - conductance * head_jump;
        // walls
        const T k_half = f.k_half[s], k_vein = f.k_vein[s], length = f.length[s];
        const T x = guess * f.inverse_area0[s], sqrt_x = root(x);
        const T x2 = x * x, x4 = x2 * x2, x10 = x4 * x4 * x2, y = x * sqrt_x;
        const T elastic = T(0.5) * k_half * x2 + k_vein * (T(10.0) * x10 * y + T(1.5));
        const T rate = a * guess, viscous = f.gamma[s] * x, resisting = elastic + viscous * rate;
        const T reciprocal = T(1.0) / (y * resisting), inverse_y = resisting * reciprocal;
        const T growth = rate - area_past;
        f.new_stiffness[s] = elastic * inverse_y;
        const T pull = k_half * (sqrt_x - T(1.0)) + k_vein * (x10 - inverse_y);
        const T rest = pull + f.base[s] + viscous * inverse_y * growth;
        const T capacity = length * rate * (y * y * reciprocal), accrual = length * growth;
        // balances
        const T to_right = f.conductance_beyond[s], source_right = f.source_beyond[s];
        const T own_diagonal = capacity + conductance + to_right;
        const T own_right_side = capacity * rest - accrual + source - source_right;
        // sweep
        const T diagonal = own_diagonal - f.diagonal_taken[s], right_side = own_right_side + f.right_side_given[s];
        const T to_left = f.to_left[s], over_diagonal = T(1.0) / diagonal;
        const T left_share = to_left * over_diagonal, right_share = to_right * over_diagonal;
        f.left_diagonal[s] = f.left_diagonal[s] - to_left * left_share;
        f.left_right_side[s] = f.left_right_side[s] + left_share * right_side;
        f.next_taken[s] = to_right * right_share;
        f.next_given[s] = right_share * right_side;
        f.next_to_left[s] = to_left * right_share;
        // back_substitute
        const T beyond = f.beyond[s];
        const T pressure = (right_side + to_left * f.left[s] + to_right * beyond) * over_diagonal;
        const T flow = source_right - to_right * (beyond - pressure);
        f.new_flow[s] = flow;
        f.new_pressure[s] = pressure;
        // speeds and areas
        f.new_speed[s] = flow * inverse_face;
        const T new_area = (area_past - (flow_right - flow) * f.inverse_length[s]) * inverse_a;
        f.new_area[s] = new_area;
        bad = bad | !((new_area > T(shrink_limit) * guess) & (new_area < T(growth_limit) * guess));
    }
    return bad;
}

// Do `passes` passes; returns the number of cells in a pass, negative if a result was not a number.
template <class T> int limit(int passes) {
    alignas(64) LimitCells<T> f = {};
    fill_limit(f);
    const Scheme<T> scheme = bdf2(T(2e-3));
    auto bad = none<T>();
    for (int n = 0; n < passes; ++n) bad = bad | limit_pass(f, scheme, T(1060.0));
    return any(bad) ? -f.count : f.count;
}

}  // namespace AZYGOS_ISA
}  // namespace azygos
