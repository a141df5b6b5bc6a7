// Links, valves and stores in one step, and what flows into the nodes they share with vessels.
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
        const T bend = exponential((f.store_guess[i] - f.unstressed[i]) / f.volume_scale[i]);
        linearise(f, scheme, i, f.elastance[i] * (bend - T(1.0)), f.elastance[i] * bend / f.volume_scale[i]);
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

// Net flow into every node; from it the stores' new volumes. Volume that swells inside surroundings
// that can answer displaces theirs.
template <class T> AZ_FN void fill(const Circuit& c, const Fields<T>& f, const Scheme<T>& scheme, const T* signals) {
    for (int k = 0; k < c.nodes; ++k) f.node_flow[k] = T(0.0);
    for (int v = 0; v < c.vessels; ++v) {
        const T in = f.flow[c.first[v]], out = f.flow[c.first[v] + c.cells[v]];
        f.node_flow[c.left[v]] = f.node_flow[c.left[v]] - in;
        f.node_flow[c.right[v]] = f.node_flow[c.right[v]] + out;
        if (c.around_edge[v] >= 0) f.node_flow[c.around[v]] = f.node_flow[c.around[v]] + (in - out);
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
}

}  // namespace AZYGOS_ISA
}  // namespace azygos
