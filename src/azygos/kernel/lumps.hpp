// Links, valves, beds and stores in one step, and what flows into the nodes they share with vessels.
#pragma once
#include "scheme.hpp"

namespace azygos {
namespace AZYGOS_ISA {

template <class T> AZ_NUMBER void add_conductance(const Fields<T>& f, int from, int to, int edge, T g) {
    f.node_diagonal[from] = f.node_diagonal[from] + g;
    f.node_diagonal[to] = f.node_diagonal[to] + g;
    f.edge_weight[edge] = f.edge_weight[edge] + g;
}

// Move the leaflets of all valves with the extrapolated pressure across them.
template <class T> AZ_FN void move_valves(const Circuit& c, const Fields<T>& f, const Scheme<T>& scheme) {
    for (int n = 0; n < c.valves; ++n) {
        const int i = c.valve_link[n], from = c.link_from[i], to = c.link_to[i];
        const T drop = f.head[from] - f.head[to], drop_old = f.head_old[from] - f.head_old[to];
        // A valve that shuts makes a pressure spike that BDF2 overshoots by a step: leaflets move only with
        // two drops of one sign, and are never driven by more than twice the latest.
        const T change = clamped(scheme.extrapolate * (drop - drop_old), -magnitude(drop), magnitude(drop));
        const T push = select(drop * drop_old > T(0.0), drop + change, T(0.0));
        const T z = f.opening[i], leak = f.leak[i];
        const T past = scheme.now * z - scheme.past * f.opening_old[i];
        const T opens = larger(f.opening_rate[i] * push, T(0.0)), closes = larger(-(f.closing_rate[i] * push), T(0.0));
        f.opening_old[i] = z;
        f.opening[i] = clamped((past + opens + leak * closes) / (scheme.a + opens + closes), leak, T(1.0));
    }
}

// A Starling resistor, q = (M(a) - M(b)) / R with M(p) = (p + sqrt(p^2 + s^2)) / 2 and a, b the transmural
// pressures at its ends, linearised about the heads before the step: q = q0 + g_s dH_s - g_e dH_e + (g_e - g_s) dH_a
// with the slopes g = M' / R; the change dH_a of the surroundings is that of the step before. It is second order.
// About extrapolated heads, a mouth between open and shut would be taken for the other in every second step. One g
// for both ends (a conductance) would let a waterfall answer to dH_e, which in a wave below is a flow in phase with
// the pressure and feeds it: stiff sinuses rang. So the matrix is not symmetric; its columns are dominated by their
// diagonals all the same, and need no pivots.
template <class T> AZ_FN void collapse(const Circuit& c, const Fields<T>& f, const Scheme<T>& scheme) {
    for (int n = 0; n < c.starlings; ++n) {
        const int i = c.starling_link[n], from = c.link_from[i], to = c.link_to[i], around = c.starling_around[n];
        const T start = f.head[from], end = f.head[to], outside = f.head[around] + f.starling_weight[n];
        const T a = around == from ? T(0.0) : start - outside, b = around == to ? T(0.0) : end - outside;
        const T square = f.sharpness[n] * f.sharpness[n], over = T(0.5) / f.resistance[i];
        const T round_a = root(a * a + square), round_b = root(b * b + square);
        T slope_a = over + over * a / round_a, slope_b = over + over * b / round_b;
        if (around == to) slope_b = slope_a;  // its own end presses on it: only the drop counts
        if (around == from) slope_a = slope_b;
        const T flow = over * (a - b) * (T(1.0) + (a + b) / (round_a + round_b));
        const T squeeze = (slope_b - slope_a) * scheme.extrapolate * (f.head[around] - f.head_old[around]);
        f.starling_start[n] = slope_a;
        f.starling_end[n] = slope_b;
        f.starling_source[n] = flow + squeeze - slope_a * start + slope_b * end;
    }
}

// Add the Starling resistors to the balances of nodes, last of all: from then on the weights of an edge differ.
template <class T> AZ_FN void skew(const Circuit& c, const Fields<T>& f) {
    for (int e = 0; e < c.edges; ++e) f.edge_back[e] = f.edge_weight[e];
    for (int n = 0; n < c.starlings; ++n) {
        const int i = c.starling_link[n], from = c.link_from[i], to = c.link_to[i], edge = c.link_edge[i];
        const T start = f.starling_start[n], end = f.starling_end[n], source = f.starling_source[n];
        const bool first = c.starling_first[n] != 0;
        f.node_diagonal[from] = f.node_diagonal[from] + start;
        f.node_diagonal[to] = f.node_diagonal[to] + end;
        f.node_right[from] = f.node_right[from] - source;
        f.node_right[to] = f.node_right[to] + source;
        f.edge_weight[edge] = f.edge_weight[edge] + (first ? end : start);
        f.edge_back[edge] = f.edge_back[edge] + (first ? start : end);
    }
}

// Set the resistance of the regulated beds. The flow they answer to is extrapolated, the answer implicit.
template <class T> AZ_FN void regulate(const Circuit& c, const Fields<T>& f, const Scheme<T>& scheme) {
    for (int n = 0; n < c.regulations; ++n) {
        const int i = c.regulated_link[n];
        const T q = f.link_flow[i], guess = q + scheme.extrapolate * (q - f.link_flow_old[i]);
        const T x = f.tone[n], past = scheme.now * x - scheme.past * f.tone_old[n], time = f.response_time[n];
        const T later = (time * past + guess / f.normal_flow[n] - T(1.0)) / (time * scheme.a + T(1.0));
        f.tone_old[n] = x;
        f.tone[n] = later;
        const T y = f.gain[n] * later, share = y / select(y > T(0.0), f.narrowing[n], f.widening[n]);
        f.resistance[i] = f.normal_resistance[n] * (T(1.0) + y / root(T(1.0) + share * share));
    }
}

// Area at the end of a vessel, extrapolated from its last two cells; the last one alone would make the
// loss, and with it the whole scheme, first order.
template <class T> AZ_NUMBER T end_area(const Fields<T>& f, int outer, int inner) {
    const T area = f.area_guess[outer];
    return larger(area + T(0.5) * (area - f.area_guess[inner]), T(0.5) * area);
}

// Flow of a link at the new time, extrapolated; a guess beyond zero would overshoot there.
template <class T> AZ_NUMBER T flow_guess(const Fields<T>& f, const Scheme<T>& scheme, int i) {
    const T q = f.link_flow[i], line = q + scheme.extrapolate * (q - f.link_flow_old[i]);
    return select(line * q > T(0.0), line, q);
}

// H_from - H_to = (resistance q + quadratic |q| q) / z^2 + inertance dq/dt, the square linearised about the
// extrapolated flow: |q| q = 2 |q*| q - |q*| q*. The opening z is 1 but for valves.
template <class T> AZ_FN void links(const Circuit& c, const Fields<T>& f, const Scheme<T>& scheme) {
    for (int n = 0; n < c.expansions; ++n) {
        const int i = c.expansion_link[n];
        T widening = T(1.0) / end_area(f, c.before[n], c.before_inner[n]);
        if (c.after[n] >= 0) widening = widening - T(1.0) / end_area(f, c.after[n], c.after_inner[n]);
        const T loss = T(0.5) * f.density[0] * widening * widening;
        f.quadratic[i] = select(flow_guess(f, scheme, i) * widening > T(0.0), loss, T(0.0));
    }
    AZ_INDEPENDENT
    for (int i = 0; i < c.links; ++i) {
        const T q = f.link_flow[i], guess = flow_guess(f, scheme, i), z2 = f.opening[i] * f.opening[i];
        const T past = scheme.now * q - scheme.past * f.link_flow_old[i], inertance = z2 * f.inertance[i];
        const T loss = f.quadratic[i] * magnitude(guess);
        const T inverse = T(1.0) / (f.resistance[i] + T(2.0) * loss + scheme.a * inertance);
        f.link_conductance[i] = z2 * inverse;
        f.link_source[i] = inverse * (inertance * past + loss * guess);
        f.link_flow_old[i] = q;
    }
    for (int n = 0; n < c.starlings; ++n) {  // they come in `skew`
        f.link_conductance[c.starling_link[n]] = T(0.0);
        f.link_source[c.starling_link[n]] = T(0.0);
    }
    for (int i = 0; i < c.links; ++i) {
        const int from = c.link_from[i], to = c.link_to[i];
        add_conductance(f, from, to, c.link_edge[i], f.link_conductance[i]);
        f.node_right[from] = f.node_right[from] - f.link_source[i];
        f.node_right[to] = f.node_right[to] + f.link_source[i];
    }
}

// Pressure of the guessed volume and its slope as a conductance and a source.
template <class T> AZ_NUMBER void linearise(const Fields<T>& f, const Scheme<T>& scheme, int i, T pressure, T slope) {
    const T capacity = scheme.a / slope;
    f.store_capacity[i] = capacity;
    f.store_push[i] = capacity * (pressure + f.store_base[i]) - (scheme.a * f.store_guess[i] - f.store_past[i]);
}

template <class T>
AZ_FN void stores(const Circuit& c, const Fields<T>& f, const Scheme<T>& scheme, const T* signals) {
    for (int n = 0; n < c.varyings; ++n) f.elastance[c.varying_store[n]] = signals[c.varying_signal[n]];
    AZ_INDEPENDENT
    for (int i = 0; i < c.stores; ++i) {
        const T volume = f.volume[i], guess = volume + scheme.extrapolate * (volume - f.volume_old[i]);
        f.store_past[i] = scheme.now * volume - scheme.past * f.volume_old[i];
        f.store_guess[i] = guess;
        f.volume_old[i] = volume;
        linearise(f, scheme, i, f.elastance[i] * (guess - f.unstressed[i]), f.elastance[i]);
    }
    for (int n = 0; n < c.exponentials; ++n) {
        const int i = c.exponential_store[n];
        const T x = (f.store_guess[i] - f.unstressed[i]) / f.volume_scale[i], y = larger(x, f.straight[i]);
        const T bend = exponential(y), pressure = f.elastance[i] * (bend * (T(1.0) + x - y) - T(1.0));
        linearise(f, scheme, i, pressure, f.elastance[i] * bend / f.volume_scale[i]);
    }
    for (int n = 0; n < c.collapsibles; ++n) {
        const int i = c.collapsible_store[n];
        const T guess = larger(f.store_guess[i], T(0.5) * f.volume[i]), rest = f.unstressed[i], stiff = f.elastance[i];
        const T fill = smaller(guess / rest, T(1.0)), lack = T(1.0) / fill;  // 1 where it is not collapsed
        f.store_guess[i] = guess;
        linearise(f, scheme, i, stiff * (larger(guess - rest, T(0.0)) + rest * (T(1.0) - lack)), stiff * lack * lack);
    }
    for (int i = 0; i < c.stores; ++i) {
        const int node = c.store_node[i], around = c.store_around[i], edge = c.store_edge[i];
        const T capacity = f.store_capacity[i], push = f.store_push[i];
        f.node_right[node] = f.node_right[node] + push;
        if (edge >= 0) {
            add_conductance(f, node, around, edge, capacity);
            f.node_right[around] = f.node_right[around] - push;
        } else {
            f.node_diagonal[node] = f.node_diagonal[node] + capacity;
            if (around >= 0) f.node_right[node] = f.node_right[node] + capacity * f.head[around];
        }
    }
}

// Whether the volume of a collapsible store is far from its guess; a NaN is.
template <class T> AZ_NUMBER typename MaskOf<T>::type strays(T volume, T guess) {
    return !((volume > T(shrink_limit) * guess) & (volume < T(growth_limit) * guess));
}

// Net flow into every node; from it the stores' new volumes. Volume that swells inside surroundings
// that can answer displaces theirs. Returns the lanes in which a collapsible store went wrong.
template <class T>
AZ_FN typename MaskOf<T>::type fill(const Circuit& c, const Fields<T>& f, const Scheme<T>& scheme, const T* signals) {
    for (int k = 0; k < c.nodes; ++k) f.node_flow[k] = T(0.0);
    for (int v = 0; v < c.vessels; ++v) {
        const T in = f.flow[c.first[v]], out = f.flow[c.first[v] + c.cells[v]];
        f.node_flow[c.left[v]] = f.node_flow[c.left[v]] - in;
        f.node_flow[c.right[v]] = f.node_flow[c.right[v]] + out;
        if (c.around_edge[v] >= 0) f.node_flow[c.around[v]] = f.node_flow[c.around[v]] + (in - out);
    }
    for (int n = 0; n < c.starlings; ++n) {
        const int i = c.starling_link[n];
        f.link_source[i] = f.starling_source[n] + f.starling_start[n] * f.head[c.link_from[i]] -
                           f.starling_end[n] * f.head[c.link_to[i]];
    }
    for (int i = 0; i < c.links; ++i) {
        const int from = c.link_from[i], to = c.link_to[i];
        const T q = f.link_source[i] + f.link_conductance[i] * (f.head[from] - f.head[to]);
        f.link_flow[i] = q;
        f.node_flow[from] = f.node_flow[from] - q;
        f.node_flow[to] = f.node_flow[to] + q;
    }
    for (int i = 0; i < c.inflows; ++i)
        f.node_flow[c.inflow_node[i]] = f.node_flow[c.inflow_node[i]] + signals[c.inflow_signal[i]];
    for (int i = 0; i < c.stores; ++i) {
        const T net = f.node_flow[c.store_node[i]];
        f.volume[i] = (f.store_past[i] + net) / scheme.a;
        if (c.store_edge[i] >= 0) f.node_flow[c.store_around[i]] = f.node_flow[c.store_around[i]] + net;
    }
    typename MaskOf<T>::type bad = none<T>();
    for (int n = 0; n < c.collapsibles; ++n) {
        const int i = c.collapsible_store[n];
        bad = bad | strays(f.volume[i], f.store_guess[i]);
    }
    return bad;
}

}  // namespace AZYGOS_ISA
}  // namespace azygos
