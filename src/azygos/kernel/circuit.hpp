// The compiled circulation: integer topology shared by all patients of a batch (Circuit) and the
// numbers of one patient or one batch (Fields). Python owns all memory; nothing is allocated here.
//
// Shared memory. Where the extent of a work array is the name of a state array it lives in the memory
// of that one: within a step the new value is made from it, slot by slot. It halves what a step moves.
//
// Tiles. Vessels are worked on a few at a time, while their slots are in the nearest cache. Arrays of
// extent `tile` live no longer than that and are shared by all tiles.
//
// Slots. Vessel v has cells first[v] .. first[v] + cells[v] - 1, followed by one ghost slot, so that
// face s is the left face of cell s and the last face of a vessel is that of its ghost. Areas live
// in cells, speeds on faces. Loops over cells or faces then run flat over many vessels at once. Slot
// 0 is a ghost as well.
#pragma once

// Each list is the single place that names its members; Python reads names and extents from it.
//       name              extent
#define AZYGOS_TOPOLOGY(X)                                                                            \
    X(tile, tiles_1)          /* vessel ranges worked on while they are in the nearest cache       */ \
    X(first, vessels)         /* first slot                                                        */ \
    X(cells, vessels)         /* number of cells                                                   */ \
    X(left, vessels)          /* node at the start                                                 */ \
    X(right, vessels)         /* node at the end                                                   */ \
    X(around, vessels)        /* node of the surroundings, -1 for the atmosphere                   */ \
    X(around_edge, vessels)   /* -1 where the surroundings' pressure is known beforehand           */ \
    X(edge, vessels)          /* edge left - right                                                 */ \
    X(left_edge, vessels)     /* edge left - surroundings                                          */ \
    X(right_edge, vessels)    /* edge right - surroundings                                         */ \
    X(link_from, links)                                                                               \
    X(link_to, links)                                                                                 \
    X(link_edge, links)                                                                               \
    X(valve_link, valves)     /* which links are valves                                            */ \
    X(expansion_link, expansions) /* which links are expansions                                    */ \
    X(before, expansions)     /* last cell upstream                                                */ \
    X(before_inner, expansions) /* the cell next to it                                             */ \
    X(after, expansions)      /* first cell downstream, -1 for a wide chamber                      */ \
    X(after_inner, expansions) /* the cell next to it                                              */ \
    X(starling_link, starlings) /* which links are Starling resistors                              */ \
    X(starling_around, starlings) /* node of their surroundings                                    */ \
    X(starling_first, starlings) /* whether its start is eliminated before its end                 */ \
    X(regulated_link, regulations) /* which links are regulated by the flow through them           */ \
    X(store_node, stores)     /* at most one store a node; surroundings come after what they hold  */ \
    X(store_around, stores)                                                                           \
    X(store_edge, stores)     /* -1 where the surroundings' pressure is known beforehand           */ \
    X(varying_store, varyings) /* which stores have an elastance that changes with time            */ \
    X(varying_signal, varyings)                                                                       \
    X(exponential_store, exponentials) /* which stores have an exponential law                     */ \
    X(collapsible_store, collapsibles) /* which stores stiffen as they empty                       */ \
    X(inflow_node, inflows)                                                                           \
    X(inflow_signal, inflows)                                                                         \
    X(held_node, helds)       /* nodes whose head is given                                         */ \
    X(held_signal, helds)                                                                             \
    X(order, free_nodes)      /* order in which free nodes are eliminated                          */ \
    X(near_start, free_nodes_1)                                                                       \
    X(near_node, nears)       /* neighbours left when a node is eliminated, in order; edge y joins it */ \
    X(pair_edge, pairs)       /* edges between any two of them, to which elimination adds          */

#define AZYGOS_EXTENTS(X)                                                                             \
    X(slots) X(vessels) X(nodes) X(links) X(stores) X(inflows) X(helds) X(edges) X(signals)            \
    X(valves) X(expansions) X(starlings) X(regulations) X(varyings) X(exponentials) X(collapsibles)   \
    X(tiles) X(free_nodes) X(nears) X(pairs)

#define AZYGOS_PARAMETERS(X)                                                                          \
    X(dt, one)                /* time step                                                     [s] */ \
    X(density, one)           /*                                                           [kg/m3] */ \
    X(inverse_area0, slots)   /* 1 / A0                                                     [1/m2] */ \
    X(k_half, slots)          /* tube law                                                     [Pa] */ \
    X(k_vein, slots)          /*                                                              [Pa] */ \
    X(base, slots)            /* p0 + outside force + rho g z                                 [Pa] */ \
    X(gamma, slots)           /* wall viscosity Gamma / A0^(3/2)                         [Pa s/m2] */ \
    X(length, slots)          /* cell length                                                   [m] */ \
    X(inverse_length, slots)  /* 0 in ghosts                                                 [1/m] */ \
    X(inverse_inertia, slots) /* face: 1 / (rho distance)                                 [m2/kg]  */ \
    X(friction, slots)        /* face: 2 (profile + 2) pi nu                                [m2/s] */ \
    X(resistance, links)      /*                                                         [Pa s/m3] */ \
    X(inertance, links)       /*                                                        [Pa s2/m3] */ \
    X(quadratic, links)       /*                                                        [Pa s2/m6] */ \
    X(opening_rate, links)    /*                                                        [1/(Pa s)] */ \
    X(closing_rate, links)    /*                                                        [1/(Pa s)] */ \
    X(leak, links)            /*                                                               [1] */ \
    X(sharpness, starlings)   /*                                                              [Pa] */ \
    X(starling_weight, starlings) /* rho g z, 0 inside a fluid                                [Pa] */ \
    X(normal_resistance, regulations) /*                                                 [Pa s/m3] */ \
    X(normal_flow, regulations) /*                                                          [m3/s] */ \
    X(gain, regulations)      /*                                                               [1] */ \
    X(response_time, regulations) /*                                                           [s] */ \
    X(widening, regulations)  /* 1 - least resistance                                          [1] */ \
    X(narrowing, regulations) /* most resistance - 1                                           [1] */ \
    X(elastance, stores)      /* linear; exponential: pressure scale                  [Pa/m3], [Pa] */ \
    X(unstressed, stores)     /*                                                              [m3] */ \
    X(volume_scale, stores)   /* exponential                                                  [m3] */ \
    X(straight, stores)       /* exponential: below this (V - V0) / volume_scale it goes straight [1] */ \
    X(store_base, stores)     /* reference pressure + rho g z                                 [Pa] */

#define AZYGOS_STATE(X)                                                                               \
    X(pressure, slots)        /* p + rho g z after the step                                   [Pa] */ \
    X(area, slots)            /*                                                              [m2] */ \
    X(area_old, slots)                                                                                \
    X(speed, slots)           /* face                                                        [m/s] */ \
    X(speed_old, slots)                                                                               \
    X(flow, slots)            /* face: the flow that moved volume in the last step           [m3/s] */ \
    X(kinetic_old, slots)     /*                                                              [Pa] */ \
    X(stiffness, slots)       /* A dp/dA = rho c^2                                            [Pa] */ \
    X(head, nodes)            /* total head                                                   [Pa] */ \
    X(head_old, nodes)                                                                                \
    X(link_flow, links)       /*                                                            [m3/s] */ \
    X(link_flow_old, links)                                                                           \
    X(opening, links)         /*                                                               [1] */ \
    X(opening_old, links)                                                                             \
    X(tone, regulations)      /* of a regulated bed: its flow's lasting excess                 [1] */ \
    X(tone_old, regulations)                                                                          \
    X(volume, stores)         /*                                                              [m3] */ \
    X(volume_old, stores)

#define AZYGOS_WORK(X)                                                                                \
    X(area_guess, slots)                                                                              \
    X(kinetic, tile)                                                                                 \
    X(upwind, tile)                                                                                  \
    X(area_past, area)       /* what the time scheme takes from the past, per time step           */ \
    X(face_area, tile)                                                                               \
    X(head_jump, tile)                                                                               \
    X(inverse_face, speed)                                                                            \
    X(conductance, slots)                                                                             \
    X(source, flow)                                                                                  \
    X(capacity, tile)                                                                                \
    X(rest, tile)            /* pressure of the guessed area                                      */ \
    X(accrual, tile)         /* volume rate of the guessed area                                   */ \
    X(right_side, pressure)                                                                              \
    X(diagonal, slots)        /* its inverse after the sweep                                       */ \
    X(to_end, slots)          /* coupling to the node at the nearer end                            */ \
    X(to_around, slots)       /* coupling to the vessel's surroundings                             */ \
    X(node_diagonal, nodes)                                                                           \
    X(node_right, nodes)                                                                              \
    X(node_flow, nodes)       /* net flow into a node                                              */ \
    X(edge_weight, edges)     /* how the balance of its first eliminated node depends on the other */ \
    X(edge_back, edges)       /* and the other way round; only where there are Starling resistors  */ \
    X(link_conductance, links)                                                                        \
    X(link_source, links)                                                                             \
    X(starling_start, starlings) /* slope of its flow along the head of its start                  */ \
    X(starling_end, starlings) /* and, negative, along that of its end                             */ \
    X(starling_source, starlings)                                                                     \
    X(store_capacity, stores)                                                                         \
    X(store_push, stores)                                                                             \
    X(store_past, stores)                                                                             \
    X(store_guess, stores)

#define AZYGOS_FIELDS(X) AZYGOS_STATE(X) AZYGOS_PARAMETERS(X) AZYGOS_WORK(X)

namespace azygos {

struct Circuit {
#define X(name) int name;
    AZYGOS_EXTENTS(X)
#undef X
#define X(name, extent) const int* name;
    AZYGOS_TOPOLOGY(X)
#undef X
};

template <class T> struct Fields {
#define X(name, extent) T* name;
    AZYGOS_FIELDS(X)
#undef X
};

// What a call of advance() reports about each lane.
struct Fate {
    int lost_step;  // step in which the lane was lost, -1 while it lives
    int lost_slot;  // where: the slot, -1 when no area was at fault
    int lost_store; // or the store, -1 when no volume was at fault
    int repeated;   // steps that were done again in smaller pieces
};

// The last axis of every recorded array runs over the doubles of one number.
struct Record {
    int every;  // steps between samples
    double *pressure, *area, *flow, *head, *link_flow, *opening, *volume;  // all null: nothing is recorded
    double *sum_pressure, *sum_flow, *sum_size, *sum_head, *sum_link_flow;  // over the samples; null: none
};

}  // namespace azygos
