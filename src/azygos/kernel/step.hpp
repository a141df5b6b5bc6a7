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
#include "lumps.hpp"
#include "vessels.hpp"

namespace azygos {
namespace AZYGOS_ISA {

constexpr double absurd_head = 1e8;  // [Pa]

// ---- nodes ----------------------------------------------------------------------------------

// Eliminate the free nodes in order, then find their heads in reverse order. Diagonally dominant, so no
// pivoting; symmetric but for Starling resistors (`Skew`). Edges are numbered as they are met here.
template <bool Skew, class T> AZ_FN void nodes(const Circuit& c, const Fields<T>& f) {
    const T* back = Skew ? f.edge_back : f.edge_weight;
    const int* pair = c.pair_edge;
    for (int x = 0; x < c.free_nodes; ++x) {
        const int k = c.order[x], end = c.near_start[x + 1];
        const T inverse = T(1.0) / f.node_diagonal[k], right = f.node_right[k];
        f.node_diagonal[k] = inverse;
        for (int y = c.near_start[x]; y < end; ++y) {
            const int near = c.near_node[y];
            const T weight = f.edge_weight[y], share = back[y] * inverse;
            f.node_diagonal[near] = f.node_diagonal[near] - weight * share;
            f.node_right[near] = f.node_right[near] + share * right;
            for (int z = y + 1; z < end; ++z, ++pair) {
                f.edge_weight[*pair] = f.edge_weight[*pair] + share * f.edge_weight[z];
                if constexpr (Skew) f.edge_back[*pair] = f.edge_back[*pair] + inverse * weight * back[z];
            }
        }
    }
    for (int x = c.free_nodes - 1; x >= 0; --x) {
        const int k = c.order[x];
        T sum = f.node_right[k];
        for (int y = c.near_start[x]; y < c.near_start[x + 1]; ++y)
            sum = sum + f.edge_weight[y] * f.head[c.near_node[y]];
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
    if constexpr (cell_by_cell<T>) {
        for (int v = 0; v < c.vessels; ++v) {
            if (c.around_edge[v] >= 0)
                assemble_vessel<true>(c, fields, scheme, v);
            else
                assemble_vessel<false>(c, fields, scheme, v);
        }
        return;
    }
    for (int tile = 0; tile < c.tiles; ++tile) {
        const int from = c.tile[tile], to = c.tile[tile + 1];
        const int lo = c.first[from], hi = c.first[to - 1] + c.cells[to - 1] + 1;
        const Fields<T> f = for_tile(fields, lo);
        guesses(f, scheme, lo, hi);
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
        if constexpr (cell_by_cell<T>)
            for (int v = from; v < to; ++v) {
                const T inverse_length = f.inverse_length[c.first[v]];
                bad = bad | areas(f, scheme, c.first[v], c.first[v] + c.cells[v], [=](int) { return inverse_length; });
            }
        else
            bad = bad | areas(f, scheme, lo, hi, [&](int s) { return f.inverse_length[s]; });
    }
    return bad;
}

// Advance all lanes by one step; `signals` are the given quantities at the new time. Returns the
// lanes in which the step went wrong.
template <class T>
AZ_FN typename MaskOf<T>::type step(const Circuit& c, const Fields<T>& f, const Scheme<T>& scheme, const T* signals) {
    move_valves(c, f, scheme);
    collapse(c, f, scheme);
    regulate(c, f, scheme);
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
    if (c.starlings > 0) {
        skew(c, f);
        nodes<true>(c, f);
    } else {
        nodes<false>(c, f);
    }
    typename MaskOf<T>::type bad = update_vessels(c, f, scheme);
    bad = bad | fill(c, f, scheme, signals);
    for (int k = 0; k < c.nodes; ++k) bad = bad | !(magnitude(f.head[k]) < T(absurd_head));
    return bad;
}

}  // namespace AZYGOS_ISA
}  // namespace azygos
