// Vessels in one step: guesses, momentum, mass and wall; each vessel eliminated onto its end nodes, and back.
// The equations are in step.hpp.
#pragma once
#include "scheme.hpp"

namespace azygos {
namespace AZYGOS_ISA {

// Upwinding fades in between these Froude numbers (squared). Centred differences of the kinetic head
// ring where a collapsed vein chokes; below Fr = 0.4 the scheme is the plain second-order one.
constexpr double froude2_low = 0.16, froude2_high = 0.64;

// Whether vessels are worked on cell by cell rather than stage by stage. It saves half of the reading and
// writing and the ghosts, but needs registers: worth it for lanes where a register holds them all.
template <class T> constexpr bool cell_by_cell = false;
#if defined(__AVX512F__) && !defined(__CUDACC__)
template <> constexpr bool cell_by_cell<Lanes> = true;
#endif

// A cell at the new time, extrapolated.
template <class T> struct Guess {
    T area, kinetic;
    T blend;  // of upwinding
    T past;   // what the time scheme takes from the past areas, per time step
};
// A face: q = source - conductance (Phi_right - Phi_left).
template <class T> struct Face {
    T conductance, source;
};
// A cell's balance of mass: capacity (Phi - outside - rest) + accrual + q_right - q_left = 0.
template <class T> struct Wall {
    T capacity, rest, accrual;
};

// Guess the area and kinetic head of cell s, and shift its past.
template <class T> AZ_NUMBER Guess<T> guess_at(const Fields<T>& f, Scheme<T> scheme, T density, int s) {
    const T width = T(1.0 / (froude2_high - froude2_low)), froude_scale = density * width;
    const T area = f.area[s], area_old = f.area_old[s];
    const T left = f.speed[s], right = f.speed[s + 1], stiffness = f.stiffness[s];
    const T inverse = T(1.0) / (area * stiffness);  // one division for two quotients
    const T mean = T(0.5) * (f.flow[s] + f.flow[s + 1]) * stiffness * inverse;
    const T left2 = left * left, right2 = right * right, mean2 = mean * mean;
    const T excess = larger(left2, right2) * froude_scale * (area * inverse) - T(froude2_low) * width;
    const T blend = clamped(excess, T(0.0), T(1.0));
    const T kinetic = T(0.5) * density * (mean2 + blend * (select(mean > T(0.0), left2, right2) - mean2));
    const T trust = scheme.extrapolate * (T(1.0) - blend);
    const T guess = larger(area + trust * (area - area_old), T(0.5) * area);
    const T later = kinetic + trust * (kinetic - f.kinetic_old[s]);
    const T past = scheme.now * area - scheme.past * area_old;
    f.kinetic_old[s] = kinetic;
    f.area_guess[s] = guess;
    f.area_past[s] = past;
    f.area_old[s] = area;
    return {guess, later, blend, past};
}

// Area of a face between two cells.
template <class T> AZ_NUMBER T face_between(T before, T after, T speed, T blend) {
    const T centred = T(0.5) * (before + after);
    return centred + blend * (select(speed > T(0.0), before, after) - centred);
}

// Area of a face at the end of a vessel. Where blood leaves: that of a quarter of a cell from the end, in the
// middle of the half cell that the face stands for, from the last cell and the one before. Where blood enters:
// that of the first cell, because reaching back there feeds what it carries in and is unstable at small steps.
template <class T> AZ_NUMBER T end_face(T outer, T inner, T outward) {
    const T quarter = clamped(outer + T(0.25) * (outer - inner), T(0.5) * outer, T(1.5) * outer);
    return select(outward > T(0.0), quarter, outer);
}

// Momentum on face s of an area and a jump of kinetic head. The node beyond an end of a vessel has total head,
// hence no kinetic head of its own.
template <class T>
AZ_NUMBER Face<T> face_at(const Fields<T>& f, Scheme<T> scheme, int s, T area, T head_jump, T inverse_inertia,
                          T friction) {
    const T speed = f.speed[s], past = scheme.now * speed - scheme.past * f.speed_old[s];
    const T damped = scheme.a * area + friction;
    const T inverse = T(1.0) / (area * damped);
    const T mobility = area * area * area * inverse;  // A^2 / (a A + friction)
    const T conductance = mobility * inverse_inertia, source = mobility * past - conductance * head_jump;
    f.speed_old[s] = speed;
    f.inverse_face[s] = damped * inverse;
    f.conductance[s] = conductance;
    f.source[s] = source;
    return {conductance, source};
}

// Mass in cell s, linearising the wall law
//     p = k_half (x^1/2 - 1) + k_vein (x^10 - x^-3/2) + base + gamma x^-1/2 dA/dt, x = A / A0.
template <class T> AZ_NUMBER Wall<T> wall_at(const Fields<T>& f, Scheme<T> scheme, int s, T area, T past, T length) {
    const T k_half = f.k_half[s], k_vein = f.k_vein[s];
    const T x = area * f.inverse_area0[s], sqrt_x = root(x);
    const T x2 = x * x, x4 = x2 * x2, x10 = x4 * x4 * x2, y = x * sqrt_x;
    // A dp/dA and its viscous companion, both times y = x^3/2, so that one division serves all.
    const T elastic = T(0.5) * k_half * x2 + k_vein * (T(10.0) * x10 * y + T(1.5));
    const T rate = scheme.a * area, viscous = f.gamma[s] * x, resisting = elastic + viscous * rate;
    const T reciprocal = T(1.0) / (y * resisting);
    const T inverse = resisting * reciprocal;  // x^-3/2
    const T growth = rate - past;              // dA/dt of the guess
    f.stiffness[s] = elastic * inverse;
    const T rest = k_half * (sqrt_x - T(1.0)) + k_vein * (x10 - inverse) + f.base[s] + viscous * inverse * growth;
    return {length * rate * (y * y * reciprocal), rest, length * growth};
}

template <class T> AZ_NUMBER void balance_at(const Fields<T>& f, int s, Face<T> left, Face<T> right, Wall<T> wall) {
    f.diagonal[s] = wall.capacity + left.conductance + right.conductance;
    f.right_side[s] = wall.capacity * wall.rest - wall.accrual + left.source - right.source;
}

// The same for many slots at once, stage by stage, so that the compiler fills registers with cells.
template <class T> AZ_FN void guesses(const Fields<T>& f, Scheme<T> scheme, int lo, int hi) {
    const T density = f.density[0];
    AZ_INDEPENDENT
    for (int s = lo; s < hi; ++s) {
        const Guess<T> guess = guess_at(f, scheme, density, s);
        f.upwind[s] = guess.blend;
        f.kinetic[s] = guess.kinetic;
    }
}

template <class T> AZ_FN void faces(const Circuit& c, const Fields<T>& f, int tile, int lo, int hi) {
    AZ_INDEPENDENT
    for (int s = lo; s < hi; ++s) {
        const T blend = larger(f.upwind[s - 1], f.upwind[s]);
        f.face_area[s] = face_between(f.area_guess[s - 1], f.area_guess[s], f.speed[s], blend);
        f.head_jump[s] = f.kinetic[s] - f.kinetic[s - 1];
    }
    for (int v = c.tile[tile]; v < c.tile[tile + 1]; ++v) {
        const int first = c.first[v], ghost = first + c.cells[v], second = first + (c.cells[v] > 1);
        const int last = ghost - 1, inner = last - (c.cells[v] > 1);
        f.face_area[first] = end_face(f.area_guess[first], f.area_guess[second], -f.speed[first]);
        f.head_jump[first] = f.kinetic[first];
        f.face_area[ghost] = end_face(f.area_guess[last], f.area_guess[inner], f.speed[ghost]);
        f.head_jump[ghost] = -f.kinetic[last];
    }
}

template <class T> AZ_FN void momentum(const Fields<T>& f, Scheme<T> scheme, int lo, int hi) {
    AZ_INDEPENDENT
    for (int s = lo; s < hi; ++s)
        face_at(f, scheme, s, f.face_area[s], f.head_jump[s], f.inverse_inertia[s], f.friction[s]);
}

template <class T> AZ_FN void walls(const Fields<T>& f, Scheme<T> scheme, int lo, int hi) {
    AZ_INDEPENDENT
    for (int s = lo; s < hi; ++s) {
        const Wall<T> wall = wall_at(f, scheme, s, f.area_guess[s], f.area_past[s], f.length[s]);
        f.capacity[s] = wall.capacity;
        f.rest[s] = wall.rest;
        f.accrual[s] = wall.accrual;
    }
}

template <class T> AZ_FN void balances(const Fields<T>& f, int lo, int hi) {
    AZ_INDEPENDENT
    for (int s = lo; s < hi; ++s) {
        const Face<T> left = {f.conductance[s], f.source[s]}, right = {f.conductance[s + 1], f.source[s + 1]};
        balance_at(f, s, left, right, {f.capacity[s], f.rest[s], f.accrual[s]});
    }
}

// Cells of a vessel that are eliminated one after the other, from one end of it inwards.
template <bool Coupled, class T> struct Chain {
    T to_end;                                             // coupling of the cell at hand to the end's node
    T taken = T(0.0), given = T(0.0);                     // by the cell before it: from its diagonal, to its right side
    T end_diagonal = T(0.0), end_right_side = T(0.0);     // what the node gets
    T to_around = T(0.0), end_around = T(0.0);            // coupling to the surroundings: of the cell, of the node
    T around_diagonal = T(0.0), around_right_side = T(0.0);

    // Eliminate cell s, which is joined to the next one by the conductance `onward`.
    AZ_NUMBER void eliminate(const Fields<T>& f, int s, T onward, Wall<T> wall) {
        const T diagonal = f.diagonal[s] - taken, right_side = f.right_side[s] + given;
        const T inverse = T(1.0) / diagonal, share = onward * inverse, end_share = to_end * inverse;
        f.diagonal[s] = inverse;
        f.right_side[s] = right_side;
        f.to_end[s] = to_end;
        end_diagonal = end_diagonal + to_end * end_share;
        end_right_side = end_right_side + end_share * right_side;
        if constexpr (Coupled) {
            to_around = to_around + wall.capacity;
            f.to_around[s] = to_around;
            around_diagonal = around_diagonal + wall.capacity - to_around * to_around * inverse;
            around_right_side =
                around_right_side + wall.accrual - wall.capacity * wall.rest + to_around * inverse * right_side;
            end_around = end_around + to_around * end_share;
            to_around = to_around * share;
        }
        taken = onward * share;
        given = share * right_side;
        to_end = to_end * share;
    }
};

// The cell of a vessel that is eliminated last. It is the middle one: the two chains do not wait for each
// other, which hides the time that divisions take; and for all number types, so that lanes equal single runs.
AZ_NUMBER int middle_of(int first, int cells) { return first + cells / 2; }

// Eliminate the cell where the chains from the two ends of vessel v meet.
template <bool Coupled, class T>
AZ_NUMBER void meet(const Circuit& c, const Fields<T>& f, int v, const Chain<Coupled, T>& l, const Chain<Coupled, T>& r,
                    Wall<T> wall) {
    const int first = c.first[v], ghost = first + c.cells[v], middle = middle_of(first, c.cells[v]);
    const T to_left = f.conductance[first], to_right = f.conductance[ghost];
    const T right_side = f.right_side[middle] + l.given + r.given;
    const T inverse = T(1.0) / (f.diagonal[middle] - l.taken - r.taken);
    const T left_share = l.to_end * inverse, right_share = r.to_end * inverse;
    f.diagonal[middle] = inverse;
    f.right_side[middle] = right_side;
    f.to_end[middle] = l.to_end;
    f.to_end[ghost] = r.to_end;
    const int left = c.left[v], right = c.right[v], edge = c.edge[v];
    f.node_diagonal[left] = f.node_diagonal[left] + (to_left - l.end_diagonal - l.to_end * left_share);
    f.node_right[left] = f.node_right[left] + (l.end_right_side - f.source[first] + left_share * right_side);
    f.node_diagonal[right] = f.node_diagonal[right] + (to_right - r.end_diagonal - r.to_end * right_share);
    f.node_right[right] = f.node_right[right] + (r.end_right_side + f.source[ghost] + right_share * right_side);
    f.edge_weight[edge] = f.edge_weight[edge] + l.to_end * right_share;
    if constexpr (Coupled) {
        const T to_around = l.to_around + r.to_around + wall.capacity;
        const T around_share = to_around * inverse;
        f.to_around[middle] = to_around;
        const int around = c.around[v], le = c.left_edge[v], re = c.right_edge[v];
        f.node_diagonal[around] = f.node_diagonal[around] + l.around_diagonal + r.around_diagonal + wall.capacity -
                                  to_around * around_share;
        f.node_right[around] = f.node_right[around] + l.around_right_side + r.around_right_side + wall.accrual -
                               wall.capacity * wall.rest + around_share * right_side;
        f.edge_weight[le] = f.edge_weight[le] + l.end_around + l.to_end * around_share;
        f.edge_weight[re] = f.edge_weight[re] + r.end_around + r.to_end * around_share;
    }
}

// Eliminate the cells of vessel v onto its end nodes (and onto its surroundings, where these are
// free to answer: `Coupled`).
template <bool Coupled, class T>
AZ_FN void sweep(const Circuit& c, const Fields<T>& f, int v) {
    const int first = c.first[v], ghost = first + c.cells[v], middle = middle_of(first, c.cells[v]);
    const auto wall = [&](int s) -> Wall<T> { return {f.capacity[s], f.rest[s], f.accrual[s]}; };
    Chain<Coupled, T> l{f.conductance[first]}, r{f.conductance[ghost]};
    int s = first, z = ghost - 1;
    for (; z > middle; ++s, --z) {
        l.eliminate(f, s, f.conductance[s + 1], wall(s));
        r.eliminate(f, z, f.conductance[z], wall(z));
    }
    if (s < middle) l.eliminate(f, s, f.conductance[s + 1], wall(s));
    meet(c, f, v, l, r, wall(middle));
}

// All of the above for vessel v cell by cell; what one cell hands to the next stays in registers.
template <bool Coupled, class T>
AZ_FN void assemble_vessel(const Circuit& c, const Fields<T>& f, Scheme<T> scheme, int v) {
    const int first = c.first[v], ghost = first + c.cells[v], last = ghost - 1;
    // The same all along a vessel, and read but once: with many cells and lanes it is memory that is short.
    const T density = f.density[0], length = f.length[first], friction = f.friction[first];
    const T end_inertia = f.inverse_inertia[first], inertia = T(0.5) * end_inertia;  // a whole cell, not half
    T outside = T(0.0);
    if (!Coupled && c.around[v] >= 0) outside = f.head[c.around[v]];
    Guess<T> here = guess_at(f, scheme, density, first), next = here;
    if (first < last) next = guess_at(f, scheme, density, first + 1);
    T before = here.area;
    const T start_area = end_face(here.area, next.area, -f.speed[first]);
    Face<T> face = face_at(f, scheme, first, start_area, here.kinetic, end_inertia, friction);
    const int middle = middle_of(first, c.cells[v]);
    [[maybe_unused]] T *capacity = f.capacity - first, *rest = f.rest - first, *accrual = f.accrual - first;
    Chain<Coupled, T> l{face.conductance};
    for (int s = first; s < last; ++s) {
        const T blend = larger(here.blend, next.blend);
        const T area = face_between(here.area, next.area, f.speed[s + 1], blend);
        const Face<T> beyond = face_at(f, scheme, s + 1, area, next.kinetic - here.kinetic, inertia, friction);
        Wall<T> wall = wall_at(f, scheme, s, here.area, here.past, length);
        wall.rest = wall.rest + outside;
        balance_at(f, s, face, beyond, wall);
        if (s < middle) {
            l.eliminate(f, s, beyond.conductance, wall);
        } else if constexpr (Coupled) {  // for the chain from the other end
            capacity[s] = wall.capacity;
            rest[s] = wall.rest;
            accrual[s] = wall.accrual;
        }
        before = here.area;
        here = next;
        face = beyond;
        if (s + 1 < last) next = guess_at(f, scheme, density, s + 2);
    }
    const T end_area = end_face(here.area, before, f.speed[ghost]);
    const Face<T> end = face_at(f, scheme, ghost, end_area, -here.kinetic, end_inertia, friction);
    Wall<T> wall = wall_at(f, scheme, last, here.area, here.past, length);
    wall.rest = wall.rest + outside;
    balance_at(f, last, face, end, wall);
    Chain<Coupled, T> r{end.conductance};
    for (int z = last; z > middle; --z) {
        r.eliminate(f, z, f.conductance[z], wall);
        if constexpr (Coupled) wall = {capacity[z - 1], rest[z - 1], accrual[z - 1]};
    }
    meet(c, f, v, l, r, wall);
}

// Raise the rest pressure of a vessel by that of surroundings whose pressure is known beforehand.
template <class T> AZ_FN void press(const Circuit& c, const Fields<T>& f, int v) {
    const T outside = f.head[c.around[v]];
    for (int s = c.first[v]; s < c.first[v] + c.cells[v]; ++s) f.rest[s] = f.rest[s] + outside;
}

// Pressures and flows of vessel v from the heads around it, from the middle cell to both ends.
template <bool Coupled, class T>
AZ_FN void back_substitute(const Circuit& c, const Fields<T>& f, int v) {
    const int first = c.first[v], ghost = first + c.cells[v], middle = middle_of(first, c.cells[v]);
    const T left = f.head[c.left[v]], right = f.head[c.right[v]];
    T around = T(0.0);
    if constexpr (Coupled) around = f.head[c.around[v]];
    const auto pressure = [&](int s, T known) {
        T sum = f.right_side[s] + known;
        if constexpr (Coupled) sum = sum + f.to_around[s] * around;
        const T value = sum * f.diagonal[s];
        f.pressure[s] = value;
        return value;
    };
    const T centre = pressure(middle, f.to_end[middle] * left + f.to_end[ghost] * right);
    T beyond = centre;
    for (int s = middle - 1; s >= first; --s) {
        const T conductance = f.conductance[s + 1], value = pressure(s, f.to_end[s] * left + conductance * beyond);
        f.flow[s + 1] = f.source[s + 1] - conductance * (beyond - value);
        beyond = value;
    }
    f.flow[first] = f.source[first] - f.conductance[first] * (beyond - left);
    beyond = centre;
    for (int s = middle + 1; s < ghost; ++s) {
        const T conductance = f.conductance[s], value = pressure(s, f.to_end[s] * right + conductance * beyond);
        f.flow[s] = f.source[s] - conductance * (value - beyond);
        beyond = value;
    }
    f.flow[ghost] = f.source[ghost] - f.conductance[ghost] * (right - beyond);
    f.pressure[ghost] = right;  // nobody's, but recorded
}

template <class T> AZ_FN void speeds(const Fields<T>& f, int lo, int hi) {
    AZ_INDEPENDENT
    for (int s = lo; s < hi; ++s) f.speed[s] = f.flow[s] * f.inverse_face[s];
}

// New areas from the flows. Returns the lanes in which some area went wrong.
template <class T, class InverseLength>
AZ_FN typename MaskOf<T>::type areas(const Fields<T>& f, const Scheme<T>& scheme, int lo, int hi,
                                     InverseLength inverse_length) {
    const T inverse = T(1.0) / scheme.a;
    typename MaskOf<T>::type bad = none<T>();
    AZ_INDEPENDENT
    for (int s = lo; s < hi; ++s) {
        const T area = (f.area_past[s] - (f.flow[s + 1] - f.flow[s]) * inverse_length(s)) * inverse;
        const T guess = f.area_guess[s];
        f.area[s] = area;
        bad = bad | !((area > T(shrink_limit) * guess) & (area < T(growth_limit) * guess));  // a NaN is bad
    }
    return bad;
}

}  // namespace AZYGOS_ISA
}  // namespace azygos
