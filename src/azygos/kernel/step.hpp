// One time step of the whole circulation.
//
// In a vessel, with Phi = p + rho g z the piezometric pressure and k = rho u^2 / 2,
//
//     dA/dt + dq/dx = 0,     rho du/dt + d(Phi + k)/dx = - rho f u / A,     q = A u,
//
// staggered: A and Phi in cells, u and q on faces; nodes have no volume and one total head H = Phi + k.
// Time: BDF2, y'(t+dt) = a y(t+dt) - r with a = 3/(2 dt), r = (4 y - y_old)/(2 dt); or backward Euler.
// Pressure and friction are implicit; kinetic head and face areas are extrapolated; the wall law is
// linearised once, about the extrapolated area. That leaves one symmetric linear system a step: a
// resistive network with Phi and H as potentials. Cells are eliminated onto the ends of their vessel
// in one sweep, then the nodes in a precomputed order. The new area is taken from the flows, not from
// the pressure, so that volume is conserved to rounding whatever the linearisation misses.
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

constexpr double pi = 3.14159265358979323846;
// Upwinding fades in between these Froude numbers (squared). Centred differences of the kinetic head
// ring where a collapsed vein chokes; below Fr = 0.4 the scheme is the plain second-order one.
constexpr double froude2_low = 0.16, froude2_high = 0.64;
// A step in which an area shrinks or grows beyond these factors of its guess is done again in pieces.
constexpr double shrink_limit = 0.3, growth_limit = 3.0;
constexpr double absurd_head = 1e8;  // [Pa]

// ---- vessels --------------------------------------------------------------------------------

// Guess areas and kinetic heads at the new time in slots [lo, hi), and shift the past.
template <class T>
AZ_FN void predict(const Fields<T>& f, const Scheme<T>& scheme, int lo, int hi) {
    const T half_density = T(0.5) * f.density[0], density = f.density[0];
    const T a_now = scheme.now, a_past = scheme.past, reach = scheme.extrapolate;
    const T width = T(1.0 / (froude2_high - froude2_low));
    AZ_INDEPENDENT
    for (int s = lo; s < hi; ++s) {
        const T area = f.area[s], area_old = f.area_old[s];
        const T left = f.speed[s], right = f.speed[s + 1], stiffness = f.stiffness[s];
        const T inverse = T(1.0) / (area * stiffness);  // one division for two quotients
        const T mean_speed = T(0.5) * (f.flow[s] + f.flow[s + 1]) * stiffness * inverse;
        const T froude2 = larger(left * left, right * right) * density * area * inverse;
        const T blend = clamped((froude2 - T(froude2_low)) * width, T(0.0), T(1.0));
        const T upstream = select(mean_speed > T(0.0), left, right);
        const T centred_kinetic = half_density * mean_speed * mean_speed;
        const T kinetic = centred_kinetic + blend * (half_density * upstream * upstream - centred_kinetic);
        const T trust = reach * (T(1.0) - blend);
        f.upwind[s] = blend;
        f.kinetic[s] = kinetic + trust * (kinetic - f.kinetic_old[s]);
        f.kinetic_old[s] = kinetic;
        f.area_guess[s] = larger(area + trust * (area - area_old), T(0.5) * area);
        f.area_past[s] = a_now * area - a_past * area_old;
        f.area_old[s] = area;
    }
}

// Area a quarter of a cell from the end of a vessel, in the middle of the half cell that the end face
// stands for; from the last cell and the one before.
template <class T> AZ_NUMBER T quarter_area(const Fields<T>& f, int outer, int inner) {
    const T area = f.area_guess[outer];
    return clamped(area + T(0.25) * (area - f.area_guess[inner]), T(0.5) * area, T(1.5) * area);
}

// Areas of faces and jumps of kinetic head across them. The node beyond an end of a vessel has total
// head, hence no kinetic head of its own.
template <class T>
AZ_FN void faces(const Circuit& c, const Fields<T>& f, int tile, int lo, int hi) {
    AZ_INDEPENDENT
    for (int s = lo; s < hi; ++s) {
        const T before = f.area_guess[s - 1], after = f.area_guess[s];
        const T centred = T(0.5) * (before + after);
        const T upstream = select(f.speed[s] > T(0.0), before, after);
        f.face_area[s] = centred + larger(f.upwind[s - 1], f.upwind[s]) * (upstream - centred);
        f.head_jump[s] = f.kinetic[s] - f.kinetic[s - 1];
    }
    for (int v = c.tile[tile]; v < c.tile[tile + 1]; ++v) {
        const int first = c.first[v], ghost = first + c.cells[v];
        f.face_area[first] = quarter_area(f, first, first + 1 < ghost ? first + 1 : first);
        f.head_jump[first] = f.kinetic[first];
        f.face_area[ghost] = quarter_area(f, ghost - 1, ghost - 2 > first ? ghost - 2 : first);
        f.head_jump[ghost] = -f.kinetic[ghost - 1];
    }
}

// Momentum on faces as q = source - conductance (Phi_right - Phi_left).
template <class T>
AZ_FN void momentum(const Fields<T>& f, const Scheme<T>& scheme, int lo, int hi) {
    const T a = scheme.a, a_now = scheme.now, a_past = scheme.past;
    AZ_INDEPENDENT
    for (int s = lo; s < hi; ++s) {
        const T area = f.face_area[s], speed = f.speed[s];
        const T past = a_now * speed - a_past * f.speed_old[s];
        f.speed_old[s] = speed;
        const T damped = a * area + f.friction[s];
        const T inverse = T(1.0) / (area * damped);
        const T mobility = area * area * area * inverse;  // A^2 / (a A + friction)
        const T conductance = mobility * f.inverse_inertia[s];
        f.inverse_face[s] = damped * inverse;
        f.conductance[s] = conductance;
        f.source[s] = mobility * past - conductance * f.head_jump[s];
    }
}

// Mass in cells as capacity (Phi - outside - rest) + accrual + q_right - q_left = 0, linearising the
// wall law p = k_half (x^1/2 - 1) + k_vein (x^10 - x^-3/2) + base + gamma x^-1/2 dA/dt, x = A / A0.
template <class T>
AZ_FN void walls(const Fields<T>& f, const Scheme<T>& scheme, int lo, int hi) {
    const T a = scheme.a;
    AZ_INDEPENDENT
    for (int s = lo; s < hi; ++s) {
        const T area = f.area_guess[s], k_half = f.k_half[s], k_vein = f.k_vein[s];
        const T x = area * f.inverse_area0[s], sqrt_x = root(x);
        const T x2 = x * x, x4 = x2 * x2, x10 = x4 * x4 * x2, y = x * sqrt_x;
        // A dp/dA and its viscous companion, both times y = x^3/2, so that one division serves all.
        const T elastic = T(0.5) * k_half * x2 + k_vein * (T(10.0) * x10 * y + T(1.5));
        const T viscous = f.gamma[s] * x, resisting = elastic + viscous * a * area;
        const T reciprocal = T(1.0) / (y * resisting);
        const T inverse = resisting * reciprocal;       // x^-3/2
        const T growth = a * area - f.area_past[s];     // dA/dt of the guess
        f.stiffness[s] = elastic * inverse;
        f.rest[s] = k_half * (sqrt_x - T(1.0)) + k_vein * (x10 - inverse) + f.base[s] + viscous * inverse * growth;
        f.capacity[s] = f.length[s] * a * area * (y * y * reciprocal);
        f.accrual[s] = f.length[s] * growth;
    }
}

template <class T> AZ_FN void balances(const Fields<T>& f, int lo, int hi) {
    AZ_INDEPENDENT
    for (int s = lo; s < hi; ++s) {
        f.diagonal[s] = f.capacity[s] + f.conductance[s] + f.conductance[s + 1];
        f.right_side[s] = f.capacity[s] * f.rest[s] - f.accrual[s] + f.source[s] - f.source[s + 1];
    }
}

// Eliminate the cells of vessel v onto its end nodes (and onto its surroundings, where these are
// free to answer). `Coupled` carries the third coupling along.
template <bool Coupled, class T>
AZ_FN void sweep(const Circuit& c, const Fields<T>& f, int v) {
    const int first = c.first[v], last = first + c.cells[v] - 1, left = c.left[v], right = c.right[v];
    T to_left = f.conductance[first], left_diagonal = to_left, left_right_side = -f.source[first];
    T to_around = T(0.0), around_diagonal = T(0.0), around_right_side = T(0.0), left_around = T(0.0);
    T diagonal = f.diagonal[first], right_side = f.right_side[first];
    for (int s = first;; ++s) {
        const T inverse = T(1.0) / diagonal, to_right = f.conductance[s + 1];
        const T left_share = to_left * inverse, right_share = to_right * inverse;
        f.diagonal[s] = inverse;
        f.right_side[s] = right_side;
        f.to_left[s] = to_left;
        left_diagonal = left_diagonal - to_left * left_share;
        left_right_side = left_right_side + left_share * right_side;
        if constexpr (Coupled) {
            to_around = to_around + f.capacity[s];
            const T around_share = to_around * inverse;
            f.to_around[s] = to_around;
            around_diagonal = around_diagonal + f.capacity[s] - to_around * around_share;
            around_right_side =
                around_right_side + f.accrual[s] - f.capacity[s] * f.rest[s] + around_share * right_side;
            left_around = left_around + to_left * around_share;
            to_around = to_around * right_share;
        }
        if (s == last) {
            f.node_diagonal[right] = f.node_diagonal[right] + to_right - to_right * right_share;
            f.node_right[right] = f.node_right[right] + f.source[s + 1] + right_share * right_side;
            f.edge_weight[c.edge[v]] = f.edge_weight[c.edge[v]] + to_left * right_share;
            break;
        }
        diagonal = f.diagonal[s + 1] - to_right * right_share;
        right_side = f.right_side[s + 1] + right_share * right_side;
        to_left = to_left * right_share;
    }
    f.node_diagonal[left] = f.node_diagonal[left] + left_diagonal;
    f.node_right[left] = f.node_right[left] + left_right_side;
    if constexpr (Coupled) {
        const int around = c.around[v], le = c.left_edge[v], re = c.right_edge[v];
        f.node_diagonal[around] = f.node_diagonal[around] + around_diagonal;
        f.node_right[around] = f.node_right[around] + around_right_side;
        f.edge_weight[le] = f.edge_weight[le] + left_around;
        f.edge_weight[re] = f.edge_weight[re] + to_around;
    }
}

// Raise the rest pressure of a vessel by that of surroundings whose pressure is known beforehand.
template <class T> AZ_FN void press(const Circuit& c, const Fields<T>& f, int v) {
    const T outside = f.head[c.around[v]];
    for (int s = c.first[v]; s < c.first[v] + c.cells[v]; ++s) f.rest[s] = f.rest[s] + outside;
}

// Pressures and flows of vessel v from the heads around it, from the last cell to the first.
template <bool Coupled, class T>
AZ_FN void back_substitute(const Circuit& c, const Fields<T>& f, int v) {
    const int first = c.first[v], ghost = first + c.cells[v];
    const T left = f.head[c.left[v]];
    T around = T(0.0);
    if constexpr (Coupled) around = f.head[c.around[v]];
    T beyond = f.head[c.right[v]];
    for (int s = ghost - 1; s >= first; --s) {
        T sum = f.right_side[s] + f.to_left[s] * left;
        if constexpr (Coupled) sum = sum + f.to_around[s] * around;
        const T conductance = f.conductance[s + 1];
        const T pressure = (sum + conductance * beyond) * f.diagonal[s];
        f.flow[s + 1] = f.source[s + 1] - conductance * (beyond - pressure);
        f.pressure[s] = pressure;
        beyond = pressure;
    }
    f.flow[first] = f.source[first] - f.conductance[first] * (beyond - left);
}

template <class T> AZ_FN void speeds(const Fields<T>& f, int lo, int hi) {
    AZ_INDEPENDENT
    for (int s = lo; s < hi; ++s) f.speed[s] = f.flow[s] * f.inverse_face[s];
}

// New areas from the flows. Returns the lanes in which some area went wrong.
template <class T>
AZ_FN typename MaskOf<T>::type areas(const Fields<T>& f, const Scheme<T>& scheme, int lo, int hi) {
    const T inverse = T(1.0) / scheme.a;
    typename MaskOf<T>::type bad = none<T>();
    AZ_INDEPENDENT
    for (int s = lo; s < hi; ++s) {
        const T area = (f.area_past[s] - (f.flow[s + 1] - f.flow[s]) * f.inverse_length[s]) * inverse;
        const T guess = f.area_guess[s];
        f.area[s] = area;
        bad = bad | !((area > T(shrink_limit) * guess) & (area < T(growth_limit) * guess));  // a NaN is bad
    }
    return bad;
}

// ---- links and stores ------------------------------------------------------------------------

template <class T> AZ_NUMBER void add_conductance(const Fields<T>& f, int from, int to, int edge, T g) {
    f.node_diagonal[from] = f.node_diagonal[from] + g;
    f.node_diagonal[to] = f.node_diagonal[to] + g;
    f.edge_weight[edge] = f.edge_weight[edge] + g;
}

// Move the leaflets of all valves with the extrapolated pressure across them.
template <class T> AZ_FN void move_valves(const Circuit& c, const Fields<T>& f, const Scheme<T>& scheme) {
    for (int i = 0; i < c.links; ++i) {
        if (c.link_kind[i] != valve) continue;
        const int from = c.link_from[i], to = c.link_to[i];
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

// H_from - H_to = resistance q + inertance dq/dt + quadratic |q| q, the last linearised about the
// extrapolated flow: |q| q = 2 |q*| q - |q*| q*.
template <class T> AZ_FN void links(const Circuit& c, const Fields<T>& f, const Scheme<T>& scheme) {
    for (int i = 0; i < c.links; ++i) {
        const T q = f.link_flow[i];
        const T past = scheme.now * q - scheme.past * f.link_flow_old[i];
        const T line = q + scheme.extrapolate * (q - f.link_flow_old[i]);
        const T guess = select(line * q > T(0.0), line, q);  // a guess beyond zero would overshoot there
        f.link_flow_old[i] = q;
        T resistance = f.resistance[i], quadratic = f.quadratic[i];
        if (c.link_kind[i] == valve) {
            const T z = f.opening[i], narrowing = T(1.0) / (z * z);
            resistance = resistance * narrowing;
            quadratic = quadratic * narrowing;
        } else if (c.link_kind[i] == expansion) {
            T widening = T(1.0) / end_area(f, c.link_before[i], c.link_before_inner[i]);
            if (c.link_after[i] >= 0)
                widening = widening - T(1.0) / end_area(f, c.link_after[i], c.link_after_inner[i]);
            quadratic = select(guess * widening > T(0.0), T(0.5) * f.density[0] * widening * widening, T(0.0));
        }
        const T loss = quadratic * magnitude(guess);
        const T conductance = T(1.0) / (resistance + T(2.0) * loss + scheme.a * f.inertance[i]);
        const T source = conductance * (f.inertance[i] * past + loss * guess);
        f.link_conductance[i] = conductance;
        f.link_source[i] = source;
        const int from = c.link_from[i], to = c.link_to[i];
        add_conductance(f, from, to, c.link_edge[i], conductance);
        f.node_right[from] = f.node_right[from] - source;
        f.node_right[to] = f.node_right[to] + source;
    }
}

template <class T>
AZ_FN void stores(const Circuit& c, const Fields<T>& f, const Scheme<T>& scheme, const T* signals) {
    for (int i = 0; i < c.stores; ++i) {
        const T volume = f.volume[i];
        const T past = scheme.now * volume - scheme.past * f.volume_old[i];
        const T guess = volume + scheme.extrapolate * (volume - f.volume_old[i]);
        f.volume_old[i] = volume;
        f.store_past[i] = past;
        T slope = c.store_kind[i] == varying ? signals[c.store_signal[i]] : f.elastance[i];
        T pressure = slope * (guess - f.unstressed[i]);
        if (c.store_kind[i] == exponential_law) {
            const T bend = exponential((guess - f.unstressed[i]) / f.volume_scale[i]);
            pressure = f.elastance[i] * (bend - T(1.0));
            slope = f.elastance[i] * bend / f.volume_scale[i];
        }
        const int node = c.store_node[i], around = c.store_around[i], edge = c.store_edge[i];
        const T capacity = scheme.a / slope;
        const T push = capacity * (pressure + f.store_base[i]) - (scheme.a * guess - past);
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

// ---- nodes ----------------------------------------------------------------------------------

// Eliminate the free nodes in order, then find their heads in reverse order. Symmetric positive
// definite and diagonally dominant, so no pivoting.
template <class T> AZ_FN void nodes(const Circuit& c, const Fields<T>& f) {
    for (int x = 0; x < c.free_nodes; ++x) {
        const int k = c.order[x];
        const T inverse = T(1.0) / f.node_diagonal[k];
        f.node_diagonal[k] = inverse;
        for (int y = c.near_start[x]; y < c.near_start[x + 1]; ++y) {
            const int near = c.near_node[y];
            const T weight = f.edge_weight[c.near_edge[y]], share = weight * inverse;
            f.node_diagonal[near] = f.node_diagonal[near] - weight * share;
            f.node_right[near] = f.node_right[near] + share * f.node_right[k];
        }
        for (int y = c.pair_start[x]; y < c.pair_start[x + 1]; ++y)
            f.edge_weight[c.pair_edge[y]] =
                f.edge_weight[c.pair_edge[y]] + f.edge_weight[c.pair_a[y]] * f.edge_weight[c.pair_b[y]] * inverse;
    }
    for (int x = c.free_nodes - 1; x >= 0; --x) {
        const int k = c.order[x];
        T sum = f.node_right[k];
        for (int y = c.near_start[x]; y < c.near_start[x + 1]; ++y)
            sum = sum + f.edge_weight[c.near_edge[y]] * f.head[c.near_node[y]];
        f.head[k] = sum * f.node_diagonal[k];
    }
}

// ---- the step -------------------------------------------------------------------------------

// The fields with the short-lived arrays moved so that slot lo - 1 of the network is their first.
template <class T> AZ_FN Fields<T> for_tile(const Fields<T>& f, int lo) {
    Fields<T> g = f;
    g.kinetic -= lo - 1;
    g.upwind -= lo - 1;
    g.face_area -= lo - 1;
    g.head_jump -= lo - 1;
    g.capacity -= lo - 1;
    g.rest -= lo - 1;
    g.accrual -= lo - 1;
    return g;
}

template <class T> AZ_FN void assemble_vessels(const Circuit& c, const Fields<T>& fields, const Scheme<T>& scheme) {
    for (int tile = 0; tile < c.tiles; ++tile) {
        const int from = c.tile[tile], to = c.tile[tile + 1];
        const int lo = c.first[from], hi = c.first[to - 1] + c.cells[to - 1] + 1;
        const Fields<T> f = for_tile(fields, lo);
        predict(f, scheme, lo, hi);
        faces(c, f, tile, lo, hi);
        momentum(f, scheme, lo, hi);
        walls(f, scheme, lo, hi);
        for (int v = from; v < to; ++v)
            if (c.around[v] >= 0 && c.around_edge[v] < 0) press(c, f, v);
        balances(f, lo, hi - 1);
        for (int v = from; v < to; ++v) {
            if (c.around_edge[v] >= 0)
                sweep<true>(c, f, v);
            else
                sweep<false>(c, f, v);
        }
    }
}

template <class T>
AZ_FN typename MaskOf<T>::type update_vessels(const Circuit& c, const Fields<T>& f, const Scheme<T>& scheme) {
    typename MaskOf<T>::type bad = none<T>();
    for (int tile = 0; tile < c.tiles; ++tile) {
        const int from = c.tile[tile], to = c.tile[tile + 1];
        const int lo = c.first[from], hi = c.first[to - 1] + c.cells[to - 1] + 1;
        for (int v = from; v < to; ++v) {
            if (c.around_edge[v] >= 0)
                back_substitute<true>(c, f, v);
            else
                back_substitute<false>(c, f, v);
        }
        speeds(f, lo, hi);
        bad = bad | areas(f, scheme, lo, hi);
    }
    return bad;
}

// Advance all lanes by one step; `signals` are the given quantities at the new time. Returns the
// lanes in which the step went wrong.
template <class T>
AZ_FN typename MaskOf<T>::type step(const Circuit& c, const Fields<T>& f, const Scheme<T>& scheme, const T* signals) {
    move_valves(c, f, scheme);
    for (int k = 0; k < c.nodes; ++k) {
        f.head_old[k] = f.head[k];
        f.node_diagonal[k] = T(0.0);
        f.node_right[k] = T(0.0);
    }
    for (int e = 0; e < c.edges; ++e) f.edge_weight[e] = T(0.0);
    for (int i = 0; i < c.helds; ++i) f.head[c.held_node[i]] = signals[c.held_signal[i]];
    assemble_vessels(c, f, scheme);
    links(c, f, scheme);
    stores(c, f, scheme, signals);
    for (int i = 0; i < c.inflows; ++i)
        f.node_right[c.inflow_node[i]] = f.node_right[c.inflow_node[i]] + signals[c.inflow_signal[i]];
    nodes(c, f);
    typename MaskOf<T>::type bad = update_vessels(c, f, scheme);
    fill(c, f, scheme, signals);
    for (int k = 0; k < c.nodes; ++k) bad = bad | !(magnitude(f.head[k]) < T(absurd_head));
    return bad;
}

}  // namespace AZYGOS_ISA
}  // namespace azygos
