// Many steps in a row, with recording, and the answer to a step that goes wrong.
//
// A step is wrong for a lane when an area, or the volume of a collapsible store, leaves (0.3, 3) times its
// guess, or a head is not a number. It is then done again from the state before it as 4, 16, 64 or 256 steps
// of backward Euler, which is first order but does not overshoot; the other lanes keep what they had. When even
// the smallest pieces fail the lane is lost: Fate says when and where.
#pragma once
#include "step.hpp"

namespace azygos {
namespace AZYGOS_ISA {

constexpr int most_pieces = 256;

template <class T> AZ_FN void copy(T* to, const T* from, int count) {
    for (int i = 0; i < count; ++i) to[i] = from[i];
}
template <class T> AZ_FN void take(T* to, const T* from, int count, typename MaskOf<T>::type chosen) {
    for (int i = 0; i < count; ++i) to[i] = select(chosen, from[i], to[i]);
}

// Go back to the state before the last step.
template <class T> AZ_FN void undo(const Circuit& c, const Fields<T>& f) {
    copy(f.area, f.area_old, c.slots);
    copy(f.speed, f.speed_old, c.slots);
    copy(f.head, f.head_old, c.nodes);
    copy(f.link_flow, f.link_flow_old, c.links);
    copy(f.opening, f.opening_old, c.links);
    copy(f.tone, f.tone_old, c.regulations);
    copy(f.volume, f.volume_old, c.stores);
    for (int v = 0; v < c.vessels; ++v) {
        const int first = c.first[v], ghost = first + c.cells[v];
        for (int s = first; s <= ghost; ++s) {
            const int before = s > first ? s - 1 : first, after = s < ghost ? s : ghost - 1;
            f.flow[s] = T(0.5) * (f.area[before] + f.area[after]) * f.speed[s];
        }
    }
}

// `state` is the state block of `f`, laid out in one piece of `count` numbers; `spare` has room for
// two such blocks and one row of signals. Returns the lanes that could not be saved.
template <class T>
AZ_FN typename MaskOf<T>::type repeat_in_pieces(const Circuit& c, const Fields<T>& f, T* state, T* spare, int count,
                                                const T* signals, typename MaskOf<T>::type bad) {
    T *result = spare, *before = spare + count, *row = spare + 2 * count;
    copy(result, state, count);
    undo(c, f);
    copy(before, state, count);
    for (int pieces = 4; pieces <= most_pieces && any(bad); pieces *= 4) {
        copy(state, before, count);
        const Scheme<T> scheme = backward_euler(f.dt[0] / T(double(pieces)));
        auto failed = none<T>();
        for (int p = 1; p <= pieces; ++p) {
            const T part = T(double(p) / pieces);
            for (int i = 0; i < c.signals; ++i)
                row[i] = signals[i - c.signals] + part * (signals[i] - signals[i - c.signals]);
            failed = failed | step(c, f, scheme, row);
        }
        // BDF2 goes on from here: the past is the state before the whole step.
        copy(f.area_old, before + (f.area - state), c.slots);
        copy(f.speed_old, before + (f.speed - state), c.slots);
        copy(f.kinetic_old, before + (f.kinetic_old - state), c.slots);
        copy(f.head_old, before + (f.head - state), c.nodes);
        copy(f.link_flow_old, before + (f.link_flow - state), c.links);
        copy(f.opening_old, before + (f.opening - state), c.links);
        copy(f.tone_old, before + (f.tone - state), c.regulations);
        copy(f.volume_old, before + (f.volume - state), c.stores);
        take(result, state, count, bad & !failed);
        bad = bad & failed;
    }
    copy(state, result, count);
    return bad;
}

// The cell whose area missed its guess the most in the last step, -1 when all areas are fair.
template <class T> AZ_FN int wrong_slot(const Circuit& c, const Fields<T>& f, int lane_index) {
    const int width = sizeof(T) / sizeof(double);
    int worst = -1;
    double worst_miss = 0.0;
    for (int v = 0; v < c.vessels; ++v)
        for (int s = c.first[v]; s < c.first[v] + c.cells[v]; ++s) {
            const double area = reinterpret_cast<const double*>(f.area)[s * width + lane_index];
            const double guess = reinterpret_cast<const double*>(f.area_guess)[s * width + lane_index];
            if (area > shrink_limit * guess && area < growth_limit * guess) continue;
            const double miss = fabs(area / guess - 1.0);
            if (worst < 0 || miss > worst_miss) {
                worst = s;
                worst_miss = miss;
            }
        }
    return worst;
}

// The collapsible store that strayed in the last step, -1 when there is none.
template <class T> AZ_FN int wrong_store(const Circuit& c, const Fields<T>& f, int lane_index) {
    for (int n = 0; n < c.collapsibles; ++n) {
        const int i = c.collapsible_store[n];
        if (lane(strays(f.volume[i], f.store_guess[i]), lane_index)) return i;
    }
    return -1;
}

template <class T> AZ_FN void put(double* to, const T* from, int sample, int count) {
    const int width = sizeof(T) / sizeof(double);
    const double* source = reinterpret_cast<const double*>(from);
    double* target = to + (long long)sample * count * width;
    for (int i = 0; i < count * width; ++i) target[i] = source[i];
}

template <class T> AZ_FN void add(double* to, const T* from, int count) {
    T* sum = reinterpret_cast<T*>(to);
    for (int i = 0; i < count; ++i) sum[i] = sum[i] + from[i];
}

template <class T> AZ_FN void record(const Circuit& c, const Fields<T>& f, const Record& r, int sample) {
    if (r.sum_pressure) {
        add(r.sum_pressure, f.pressure, c.slots);
        add(r.sum_flow, f.flow, c.slots);
        add(r.sum_head, f.head, c.nodes);
        add(r.sum_link_flow, f.link_flow, c.links);
        T* size = reinterpret_cast<T*>(r.sum_size);
        for (int i = 0; i < c.slots; ++i) size[i] = size[i] + magnitude(f.flow[i]);
    }
    if (!r.pressure) return;
    put(r.pressure, f.pressure, sample, c.slots);
    put(r.area, f.area, sample, c.slots);
    put(r.flow, f.flow, sample, c.slots);
    put(r.head, f.head, sample, c.nodes);
    put(r.link_flow, f.link_flow, sample, c.links);
    put(r.opening, f.opening, sample, c.links);
    put(r.volume, f.volume, sample, c.stores);
}

// The first step: backward Euler for the lanes whose bit in `fresh` is set, BDF2 for the others.
template <class T> AZ_FN Scheme<T> first_scheme(T dt, int fresh) {
    T begins = T(0.0);
    for (int i = 0; i < lanes_of<T>; ++i) reinterpret_cast<double*>(&begins)[i] = (fresh >> i) & 1;
    const Scheme<T> euler = backward_euler(dt), usual = bdf2(dt);
    const auto chosen = begins > T(0.5);
    return {select(chosen, euler.a, usual.a), select(chosen, euler.now, usual.now),
            select(chosen, euler.past, usual.past), select(chosen, euler.extrapolate, usual.extrapolate)};
}

// Advance by `steps`. `signals` has steps + 1 rows, the first at the present time. A bit of `fresh` says that the
// past in the state of a lane means nothing. Stops early when no lane lives.
template <class T>
AZ_FN void advance(const Circuit& c, const Fields<T>& f, T* state, T* spare, int count, const T* signals, int steps,
                   int fresh, const Record& r, Fate* fates) {
    const Scheme<T> usual = bdf2(f.dt[0]), starting = fresh ? first_scheme(f.dt[0], fresh) : usual;
    auto lost = none<T>();
    for (int n = 0; n < steps; ++n) {
        const T* row = signals + (long long)(n + 1) * c.signals;
        const auto bad = step(c, f, n == 0 ? starting : usual, row) & !lost;
        if (any(bad)) {
            int slot[lanes_of<T>], store[lanes_of<T>];
            for (int i = 0; i < lanes_of<T>; ++i) {
                slot[i] = lane(bad, i) ? wrong_slot(c, f, i) : -1;
                store[i] = lane(bad, i) ? wrong_store(c, f, i) : -1;
            }
            const auto hopeless = repeat_in_pieces(c, f, state, spare, count, row, bad);
            for (int i = 0; i < lanes_of<T>; ++i) {
                fates[i].repeated += lane(bad, i);
                if (lane(hopeless, i)) {
                    fates[i].lost_step = n;
                    fates[i].lost_slot = slot[i];
                    fates[i].lost_store = store[i];
                }
            }
            lost = lost | hopeless;
            bool alive = false;
            for (int i = 0; i < lanes_of<T>; ++i) alive = alive || !lane(lost, i);
            if (!alive) return;
        }
        if (r.every > 0 && (n + 1) % r.every == 0) record(c, f, r, (n + 1) / r.every - 1);
    }
}

}  // namespace AZYGOS_ISA
}  // namespace azygos
