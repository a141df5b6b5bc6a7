// Explicit finite volumes for a whole network; the equations are in explicit_fv.py. Plain C interface, one thread.
#include <algorithm>
#include <cmath>
#include <vector>

namespace {

struct Problem {
    int vessels, nodes, links, stores, flow_sources, pressure_sources, clusters, frames, skipped_frames, limited;
    double density, frame, cfl;
    // vessels: first cell (vessels + 1), start and end node, cell length, F = 2 (gamma + 2) pi nu
    const int *first, *start, *end;
    const double *dx, *friction;
    // cells: 1/A0, wall law, and every pressure that does not depend on the area (p0, outside, rho g z)
    const double *inverse_area, *k_half, *k_vein, *base;
    // links; before/after: vessels of an expansion, else -1
    const int *link_start, *link_end, *before, *after;
    const double *resistance, *inertance, *quadratic;
    // stores
    const int *store_node;
    const double *elastance, *unstressed, *store_base;
    // sources, flow first, then pressure: node, first entry of their table (+ 1 end), period
    const int *source_node, *table_first;
    const double *table_time, *table_value, *table_period;
    // clusters of nodes joined by links: first member (clusters + 1), members
    const int *cluster_first, *cluster_member;
    // state, and records over frames + 1 - skipped_frames instants
    double *area, *velocity, *link_flow, *volume;
    double *area_record, *velocity_record, *head_record, *link_record, *volume_record;
    double *report;  // time reached, steps, largest Froude number, smallest A/A0
};

double mc(double a, double b, bool limited) {
    const double mean = 0.5 * (a + b);
    if (!limited) return mean;
    if (a * b <= 0.0) return 0.0;
    return std::copysign(std::min(std::fabs(mean), 2.0 * std::min(std::fabs(a), std::fabs(b))), mean);
}

// q and dq/d(drop) where drop = linear q + quadratic |q| q
void resist(double drop, double linear, double quadratic, double& q, double& dq) {
    const double size = std::fabs(drop);
    const double magnitude = 2.0 * size / (linear + std::sqrt(linear * linear + 4.0 * quadratic * size));
    q = std::copysign(magnitude, drop);
    dq = 1.0 / (linear + 2.0 * quadratic * magnitude);
}

class Scheme {
   public:
    explicit Scheme(const Problem& problem) : p(problem), cells(p.first[p.vessels]) {
        for (auto* v : {&H, &Q, &c, &p_total, &lh, &rh, &lq, &rq, &drag, &half_area}) v->resize(cells);
        face_h.resize(cells + p.vessels), face_q.resize(cells + p.vessels);
        end_w.resize(2 * p.vessels), end_y.resize(2 * p.vessels), end_fixed.resize(2 * p.vessels);
        end_h.resize(2 * p.vessels);
        head.assign(p.nodes, 0.0), link_half.assign(p.links, 0.0);
        at_node.resize(p.nodes), fixed.assign(p.nodes, -1), store_of.assign(p.nodes, -1), cluster_of.resize(p.nodes);
        place.resize(p.nodes), links_of.resize(p.clusters), inflow.resize(p.nodes);
        for (int v = 0; v < p.vessels; v++) at_node[p.start[v]].push_back(2 * v), at_node[p.end[v]].push_back(2 * v + 1);
        for (int s = 0; s < p.stores; s++) store_of[p.store_node[s]] = s;
        for (int s = 0; s < p.pressure_sources; s++) fixed[p.source_node[p.flow_sources + s]] = p.flow_sources + s;
        for (int k = 0; k < p.clusters; k++)
            for (int i = p.cluster_first[k]; i < p.cluster_first[k + 1]; i++)
                cluster_of[p.cluster_member[i]] = k, place[p.cluster_member[i]] = i - p.cluster_first[k];
        for (int l = 0; l < p.links; l++) links_of[cluster_of[p.link_start[l]]].push_back(l);
    }

    bool run() {
        double time = 0.0;
        std::vector<double> previous(p.nodes), previous_link(p.links);
        bool is_first = true;
        int due = -1;  // record whose node heads and resistive flows wait for the next half step
        for (int frame = 0; frame <= p.frames; frame++) {
            if (frame >= p.skipped_frames) record(frame - p.skipped_frames), due = frame - p.skipped_frames;
            // one extra step after the last frame serves only to centre the last of them in time
            double left = p.frame;
            while (left > 0.0) {
                const double fastest = states();
                const double wanted = std::ceil(left * fastest / p.cfl);
                if (!(wanted < 1e6)) return finish(time);
                const double dt = left / std::max(1.0, wanted);
                previous = head, previous_link = link_half;
                predict(dt);
                nodes(time + 0.5 * dt, dt);
                if (is_first) previous = head, previous_link = link_half, is_first = false;
                if (due >= 0) {
                    for (int n = 0; n < p.nodes; n++) p.head_record[(size_t)due * p.nodes + n] = 0.5 * (previous[n] + head[n]);
                    for (int l = 0; l < p.links; l++)
                        p.link_record[(size_t)due * p.links + l] =
                            p.inertance[l] > 0.0 ? p.link_flow[l] : 0.5 * (previous_link[l] + link_half[l]);
                    due = -1;
                }
                if (frame == p.frames) return finish(time), true;
                if (!update(dt)) return finish(time);
                time += dt;
                left = wanted <= 1.0 ? 0.0 : left - dt;
                steps++;
            }
        }
        return true;
    }

   private:
    const Problem& p;
    const int cells;
    std::vector<double> H, Q, c, p_total, lh, rh, lq, rq, drag, half_area, face_h, face_q, end_w, end_y, end_fixed, end_h, head, link_half,
        inflow;
    std::vector<std::vector<int>> at_node, links_of;
    std::vector<int> fixed, store_of, cluster_of, place;
    std::vector<double> matrix, right;
    double steps = 0, froude = 0, smallest = 1e9;

    bool finish(double time) {
        p.report[0] = time, p.report[1] = steps, p.report[2] = froude, p.report[3] = smallest;
        return false;
    }

    void record(int row) {
        std::copy(p.area, p.area + cells, p.area_record + (size_t)row * cells);
        std::copy(p.velocity, p.velocity + cells, p.velocity_record + (size_t)row * cells);
        std::copy(p.volume, p.volume + p.stores, p.volume_record + (size_t)row * p.stores);
    }

    // head, flow and wave speed of every cell; returns the largest (|u| + c)/dx
    double states() {
        double fastest = 0.0;
        for (int v = 0; v < p.vessels; v++) {
            double speed = 0.0;
            for (int i = p.first[v]; i < p.first[v + 1]; i++) {
                const double a = p.area[i], u = p.velocity[i], x = a * p.inverse_area[i], root = std::sqrt(x);
                const double x2 = x * x, x4 = x2 * x2, x10 = x4 * x4 * x2, low = 1.0 / (x * root);
                p_total[i] = p.k_half[i] * (root - 1.0) + p.k_vein[i] * (x10 - low) + p.base[i];
                c[i] = std::sqrt((0.5 * p.k_half[i] * root + p.k_vein[i] * (10.0 * x10 + 1.5 * low)) / p.density);
                H[i] = p_total[i] + 0.5 * p.density * u * u;
                Q[i] = a * u;
                speed = std::max(speed, std::fabs(u) + c[i]);
                froude = std::max(froude, std::fabs(u) / c[i]);
                smallest = std::min(smallest, x);
            }
            fastest = std::max(fastest, speed / p.dx[v]);
        }
        return fastest;
    }

    // values of (H, q) on both sides of each cell at half time
    void predict(double dt) {
        const bool limited = p.limited != 0;
        const double rho = p.density;
        for (int v = 0; v < p.vessels; v++) {
            const int a = p.first[v], z = p.first[v + 1] - 1;
            for (int i = a; i <= z; i++) {
                double dh = 0.0, dq = 0.0;
                if (i > a && i < z) {
                    dh = mc(H[i] - H[i - 1], H[i + 1] - H[i], limited);
                    dq = mc(Q[i] - Q[i - 1], Q[i + 1] - Q[i], limited);
                } else if (z > a) {
                    const int j = i == a ? i + 1 : i;
                    dh = H[j] - H[j - 1], dq = Q[j] - Q[j - 1];
                }
                const double area = p.area[i], u = p.velocity[i], hx = dh / p.dx[v], qx = dq / p.dx[v];
                const double brake = p.friction[v] * u;
                const double h = H[i] - 0.5 * dt * (rho * c[i] * c[i] / area * qx + u * hx + rho * u * brake / area);
                const double q = Q[i] - 0.5 * dt * (area / rho * hx + u * qx + brake);
                lh[i] = h - 0.5 * dh, rh[i] = h + 0.5 * dh, lq[i] = q - 0.5 * dq, rq[i] = q + 0.5 * dq;
                half_area[i] = std::max(area - 0.5 * dt * qx, 0.1 * area);
                drag[i] = 0.5 * dt * p.friction[v] / half_area[i];
            }
            for (int i = a; i < z; i++) interface(i, i + 1, face_h[i + v + 1], face_q[i + v + 1]);
            open_end(2 * v, a, -1.0, lh[a], lq[a]);
            open_end(2 * v + 1, z, 1.0, rh[z], rq[z]);
        }
    }

    // flux (H, q) between cells i and j of one vessel: each wave carries its share of the jumps of H and q
    void interface(int i, int j, double& h, double& q) const {
        const double rho = p.density, u = 0.5 * (p.velocity[i] + p.velocity[j]), s = 0.5 * (c[i] + c[j]);
        const double hl = rh[i], hr = lh[j], ql = rq[i], qr = lq[j];
        const double zl = rho * c[i] / p.area[i], zr = rho * c[j] / p.area[j];
        if (u - s > 0.0) h = hl, q = ql;
        else if (u + s < 0.0) h = hr, q = qr;
        else {
            q = ((hl - hr) + zl * ql + zr * qr) / (zl + zr);
            h = (zr * (hl + zl * ql) + zl * (hr - zr * qr)) / (zl + zr);
        }
        // a rarefaction through u = -+c carries no jump of H and q that would spread it: Harten's viscosity does
        for (const double side : {-1.0, 1.0}) {
            const double slow = p.velocity[i] + side * c[i], fast = p.velocity[j] + side * c[j];
            if (!(slow < 0.0 && fast > 0.0)) continue;
            const double spread = fast - slow, centre = u + side * s, area = 0.5 * (p.area[i] + p.area[j]);
            if (std::fabs(centre) >= spread) continue;
            const double extra = 0.5 * (centre * centre / spread + spread) - std::fabs(centre);
            const double jump = (p_total[j] - p_total[i]) / (rho * s * s);  // of ln A, without that of the wall
            const double strength = 0.5 * (jump + side * (p.velocity[j] - p.velocity[i]) / s);
            q -= 0.5 * extra * strength * area;
            h -= 0.5 * extra * strength * side * s * rho;
        }
    }

    // what a vessel's end offers its node: q out of the vessel = y (w - H) + fixed
    void open_end(int e, int i, double outward, double h, double q) {
        const double z = p.density * c[i] / p.area[i];
        const bool choked = outward * p.velocity[i] > c[i];
        end_y[e] = choked ? 0.0 : 1.0 / z;
        end_w[e] = h + outward * z * q;
        end_fixed[e] = choked ? outward * q : 0.0;
        end_h[e] = h;
    }

    double source(int s, double time) const {
        const double* t = p.table_time + p.table_first[s];
        const double* y = p.table_value + p.table_first[s];
        const int n = p.table_first[s + 1] - p.table_first[s];
        const double now = std::fmod(time, p.table_period[s]);
        const int k = std::min(std::max(int(std::upper_bound(t, t + n, now) - t), 1), n - 1);
        return y[k - 1] + (y[k] - y[k - 1]) * (now - t[k - 1]) / (t[k] - t[k - 1]);
    }

    double link_quadratic(int l, double drop) const {
        if (p.before[l] < 0) return p.quadratic[l];
        const int i = p.first[p.before[l] + 1] - 1;
        if (p.after[l] < 0) {  // into a wide chamber
            double narrow = half_area[i];
            if (i > p.first[p.before[l]]) narrow = std::max(narrow + 0.5 * (narrow - half_area[i - 1]), 0.5 * narrow);
            return drop > 0.0 ? 0.5 * p.density / (narrow * narrow) : 0.0;
        }
        const int j = p.first[p.after[l]];
        const bool many = i > p.first[p.before[l]] && j + 1 < p.first[p.after[l] + 1];
        double narrow = half_area[i], wide = half_area[j];  // at the very ends, so that the loss is of second order too
        if (many) narrow += 0.5 * (half_area[i] - half_area[i - 1]), wide += 0.5 * (half_area[j] - half_area[j + 1]);
        narrow = std::max(narrow, 0.5 * half_area[i]), wide = std::max(wide, 0.5 * half_area[j]);
        const double gap = 1.0 / narrow - 1.0 / wide;
        return drop * (wide - narrow) > 0.0 ? 0.5 * p.density * gap * gap : 0.0;
    }

    // heads of all nodes at half time, by Newton on the balance of flows cluster by cluster
    void nodes(double time, double dt) {
        std::fill(inflow.begin(), inflow.end(), 0.0);
        for (int s = 0; s < p.flow_sources; s++) inflow[p.source_node[s]] += source(s, time);
        for (int k = 0; k < p.clusters; k++) {
            for (int turn = 0; turn < 30; turn++)
                if (newton(k, time, dt)) break;
            for (int l : links_of[k]) {
                double q, dq;
                flow(l, dt, q, dq);
                link_half[l] = q;
            }
        }
    }

    void flow(int l, double dt, double& q, double& dq) const {
        const double inertia = 2.0 * p.inertance[l] / dt;
        const double drop = head[p.link_start[l]] - head[p.link_end[l]] + inertia * p.link_flow[l];
        resist(drop, p.resistance[l] + inertia, link_quadratic(l, drop), q, dq);
    }

    bool newton(int k, double time, double dt) {
        const int begin = p.cluster_first[k], m = p.cluster_first[k + 1] - begin;
        matrix.assign(m * m, 0.0), right.assign(m, 0.0);
        for (int i = 0; i < m; i++) {
            const int n = p.cluster_member[begin + i];
            double balance = inflow[n], slope = 0.0;
            for (int e : at_node[n]) balance += end_y[e] * (end_w[e] - head[n]) + end_fixed[e], slope += end_y[e];
            if (store_of[n] >= 0) {
                const int s = store_of[n];
                const double rate = 2.0 / dt;
                balance -= rate * ((head[n] - p.store_base[s]) / p.elastance[s] + p.unstressed[s] - p.volume[s]);
                slope += rate / p.elastance[s];
            }
            right[i] = balance, matrix[i * m + i] = slope;
        }
        for (int l : links_of[k]) {
            double q, dq;
            flow(l, dt, q, dq);
            const int a = place[p.link_start[l]], b = place[p.link_end[l]];
            right[a] -= q, right[b] += q;
            matrix[a * m + a] += dq, matrix[b * m + b] += dq, matrix[a * m + b] -= dq, matrix[b * m + a] -= dq;
        }
        for (int i = 0; i < m; i++) {
            const int n = p.cluster_member[begin + i];
            if (fixed[n] < 0) continue;
            for (int j = 0; j < m; j++) matrix[i * m + j] = 0.0;
            matrix[i * m + i] = 1.0;
            right[i] = source(fixed[n], time) - head[n];
        }
        eliminate(m);
        double largest = 0.0;
        for (int i = 0; i < m; i++) {
            head[p.cluster_member[begin + i]] += right[i];
            largest = std::max(largest, std::fabs(right[i]));
        }
        return largest < 1e-9 || !std::isfinite(largest);
    }

    // Gauss with the diagonal as pivot: the matrix is an M-matrix
    void eliminate(int m) {
        for (int k = 0; k < m; k++) {
            for (int i = k + 1; i < m; i++) {
                const double ratio = matrix[i * m + k] / matrix[k * m + k];
                if (ratio == 0.0) continue;
                for (int j = k; j < m; j++) matrix[i * m + j] -= ratio * matrix[k * m + j];
                right[i] -= ratio * right[k];
            }
        }
        for (int k = m - 1; k >= 0; k--) {
            for (int j = k + 1; j < m; j++) right[k] -= matrix[k * m + j] * right[j];
            right[k] /= matrix[k * m + k];
        }
    }

    bool update(double dt) {
        bool sound = true;
        for (int v = 0; v < p.vessels; v++) {
            const int a = p.first[v], z = p.first[v + 1] - 1;
            close_end(2 * v, p.start[v], -1.0, face_h[a + v], face_q[a + v]);
            close_end(2 * v + 1, p.end[v], 1.0, face_h[z + v + 1], face_q[z + v + 1]);
            const double ratio = dt / p.dx[v];
            for (int i = a; i <= z; i++) {
                const double push = ratio / p.density * (face_h[i + v + 1] - face_h[i + v]);
                p.area[i] -= ratio * (face_q[i + v + 1] - face_q[i + v]);
                p.velocity[i] = (p.velocity[i] * (1.0 - drag[i]) - push) / (1.0 + drag[i]);
                sound = sound && p.area[i] > 0.0 && std::isfinite(p.velocity[i]);
            }
        }
        for (int s = 0; s < p.stores; s++) {
            const double half = (head[p.store_node[s]] - p.store_base[s]) / p.elastance[s] + p.unstressed[s];
            p.volume[s] += 2.0 * (half - p.volume[s]);
        }
        for (int l = 0; l < p.links; l++)
            p.link_flow[l] = p.inertance[l] > 0.0 ? 2.0 * link_half[l] - p.link_flow[l] : link_half[l];
        return sound;
    }

    void close_end(int e, int node, double outward, double& h, double& q) const {
        const bool choked = end_y[e] == 0.0;
        h = choked ? end_h[e] : head[node];
        q = outward * (end_y[e] * (end_w[e] - head[node]) + end_fixed[e]);
    }
};

}  // namespace

extern "C" int run(const Problem* problem) { return Scheme(*problem).run() ? 0 : 1; }
