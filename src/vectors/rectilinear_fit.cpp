#include "vectors/rectilinear_fit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>

namespace landseam::vectors {
namespace {

constexpr double quarter_turn = 1.5707963267948966;

double distance_to_line(const Point& p, const Point& a, const Point& b) {
    const double dx = b.x - a.x, dy = b.y - a.y, length = std::hypot(dx, dy);
    if (length == 0) return std::hypot(p.x - a.x, p.y - a.y);
    return std::abs((p.x - a.x) * dy - (p.y - a.y) * dx) / length;
}

// Points no farther apart than `spacing`, ends of edges among them. A closed ring's first point is repeated.
Ring sampled(const Ring& points, bool closed, double spacing) {
    Ring samples;
    const std::size_t edges = closed ? points.size() : points.size() - 1;
    for (std::size_t i = 0; i < edges; ++i) {
        const Point a = points[i], b = points[(i + 1) % points.size()];
        const int steps =
            std::max(1, static_cast<int>(std::ceil(std::hypot(b.x - a.x, b.y - a.y) / spacing)));
        for (int k = 0; k < steps; ++k)
            samples.push_back({a.x + (b.x - a.x) * k / steps, a.y + (b.y - a.y) * k / steps});
    }
    samples.push_back(closed ? points.front() : points.back());
    return samples;
}

// Douglas and Peucker 1973, between two samples.
void split(const Ring& samples, std::size_t begin, std::size_t end, double tolerance,
           std::vector<std::size_t>& kept) {
    std::size_t farthest = begin;
    double distance = tolerance;
    for (std::size_t i = begin + 1; i < end; ++i) {
        const double here = distance_to_line(samples[i], samples[begin], samples[end]);
        if (here > distance) distance = here, farthest = i;
    }
    if (farthest == begin) return;
    split(samples, begin, farthest, tolerance, kept);
    kept.push_back(farthest);
    split(samples, farthest, end, tolerance, kept);
}

// Where the edges of sampled points begin and end.
std::vector<std::size_t> edge_ends(Ring& samples, bool closed, double tolerance) {
    std::vector<std::size_t> ends{0};
    if (closed) {
        // The ring is cut at two samples that are corners for certain: the one farthest from the middle, and
        // the one farthest from that.
        samples.pop_back();
        const auto farthest_from = [&](const Point& p) {
            return std::max_element(samples.begin(), samples.end(), [&](const Point& a, const Point& b) {
                return std::hypot(a.x - p.x, a.y - p.y) < std::hypot(b.x - p.x, b.y - p.y);
            });
        };
        Point middle;
        for (const Point& p : samples) middle.x += p.x, middle.y += p.y;
        const auto count = static_cast<double>(samples.size());
        std::rotate(samples.begin(), farthest_from({middle.x / count, middle.y / count}), samples.end());
        const auto half = static_cast<std::size_t>(farthest_from(samples.front()) - samples.begin());
        samples.push_back(samples.front());
        split(samples, 0, half, tolerance, ends);
        ends.push_back(half);
        split(samples, half, samples.size() - 1, tolerance, ends);
    } else {
        split(samples, 0, samples.size() - 1, tolerance, ends);
    }
    ends.push_back(samples.size() - 1);
    return ends;
}

// A line n · p = offset; its normal has one of eight directions, `kind` counts them in steps of 45°.
struct Edge {
    int kind = 0;  // direction of the edge, 0 to 3 in steps of 45°
    double offset = 0;
    double support = 0;  // samples it stands for
    Point start, end;    // of the samples
};

Point normal_of(int kind) {
    constexpr double r = 0.7071067811865476;
    switch (kind) {
        case 0:
            return {0, 1};
        case 1:
            return {-r, r};
        case 2:
            return {1, 0};
        default:
            return {r, r};
    }
}

double along_normal(int kind, const Point& p) {
    const Point n = normal_of(kind);
    return n.x * p.x + n.y * p.y;
}

Point crossing(const Edge& a, const Edge& b) {
    const Point m = normal_of(a.kind), n = normal_of(b.kind);
    const double det = m.x * n.y - m.y * n.x;
    return {(a.offset * n.y - b.offset * m.y) / det, (m.x * b.offset - n.x * a.offset) / det};
}

Edge joined(const Edge& a, const Edge& b) {
    const double support = a.support + b.support;
    const double offset =
        support > 0 ? (a.offset * a.support + b.offset * b.support) / support : (a.offset + b.offset) / 2;
    return {a.kind, offset, support, a.start, b.end};
}

class EdgeList {
public:
    EdgeList(const Ring& samples, const std::vector<std::size_t>& ends, bool closed,
             const FitOptions& options)
        : closed_(closed), options_(options) {
        for (std::size_t i = 0; i + 1 < ends.size(); ++i)
            edges_.push_back(fitted(samples, ends[i], ends[i + 1]));
    }

    std::optional<Ring> run() {
        while (join_parallel_neighbours() || drop_shortest()) {
            if (edges_.size() < (closed_ ? 4u : 1u)) return std::nullopt;
        }
        if (edges_.size() < (closed_ ? 4u : 1u)) return std::nullopt;
        return corners();
    }

private:
    Edge fitted(const Ring& samples, std::size_t begin, std::size_t end) const {
        const Point a = samples[begin], b = samples[end];
        const double dx = b.x - a.x, dy = b.y - a.y, length = std::hypot(dx, dy);
        Edge edge;
        edge.start = a;
        edge.end = b;
        edge.kind = std::abs(dx) >= std::abs(dy) ? 0 : 2;
        const double steepness =
            std::min(std::abs(dx), std::abs(dy)) / std::max({std::abs(dx), std::abs(dy), 1e-300});
        constexpr double tangent_of_32_degrees = 0.625;
        if (options_.diagonals && length >= 2 * options_.detail && steepness > tangent_of_32_degrees)
            edge.kind = dx * dy > 0 ? 1 : 3;
        // Samples near the ends may lie round the corner.
        const double skip = std::min(options_.tolerance, length / 4);
        double sum = 0;
        for (std::size_t i = begin; i <= end; ++i) {
            const Point& p = samples[i];
            if (std::hypot(p.x - a.x, p.y - a.y) < skip || std::hypot(p.x - b.x, p.y - b.y) < skip) continue;
            sum += along_normal(edge.kind, p);
            ++edge.support;
        }
        edge.offset = edge.support > 0 ? sum / edge.support
                                       : (along_normal(edge.kind, a) + along_normal(edge.kind, b)) / 2;
        return edge;
    }

    std::size_t next(std::size_t i) const { return (i + 1) % edges_.size(); }
    std::size_t previous(std::size_t i) const { return (i + edges_.size() - 1) % edges_.size(); }
    bool has_next(std::size_t i) const { return closed_ || i + 1 < edges_.size(); }
    bool has_previous(std::size_t i) const { return closed_ || i > 0; }

    // Edges that go on in the same direction are one, or there is a step between them.
    bool join_parallel_neighbours() {
        for (std::size_t i = 0; i < edges_.size() && edges_.size() > 1; ++i) {
            if (!has_next(i)) break;
            const std::size_t j = next(i);
            if (i == j || edges_[i].kind != edges_[j].kind) continue;
            if (std::abs(edges_[i].offset - edges_[j].offset) < options_.detail) {
                edges_[i] = joined(edges_[i], edges_[j]);
                edges_.erase(edges_.begin() + static_cast<std::ptrdiff_t>(j));
            } else {
                Edge step;
                step.kind = (edges_[i].kind + 2) % 4;
                step.start = step.end = edges_[i].end;
                step.offset = along_normal(step.kind, step.start);
                edges_.insert(edges_.begin() + static_cast<std::ptrdiff_t>(i) + 1, step);
            }
            return true;
        }
        return false;
    }

    double length_of(std::size_t i) const {
        const Point a = has_previous(i) ? crossing(edges_[previous(i)], edges_[i]) : edges_[i].start;
        const Point b = has_next(i) ? crossing(edges_[i], edges_[next(i)]) : edges_[i].end;
        // Measured along the way of the samples: an edge that turned round has a negative length.
        const Point n = normal_of(edges_[i].kind);
        const double length = std::abs(-n.y * (b.x - a.x) + n.x * (b.y - a.y));
        const double way =
            -n.y * (edges_[i].end.x - edges_[i].start.x) + n.x * (edges_[i].end.y - edges_[i].start.y);
        const double signed_length = -n.y * (b.x - a.x) + n.x * (b.y - a.y);
        return way * signed_length < 0 ? -length : length;
    }

    bool drop_shortest() {
        std::size_t shortest = edges_.size();
        double least = options_.detail;
        for (std::size_t i = 0; i < edges_.size(); ++i)
            if (const double length = length_of(i); length < least) least = length, shortest = i;
        if (shortest == edges_.size()) return false;
        if (closed_ && edges_.size() <= 4) {
            edges_.clear();  // what is left is thinner than any detail
            return true;
        }
        if (!closed_ && edges_.size() == 1) return false;
        const std::size_t before = previous(shortest), after = next(shortest);
        const bool parallel =
            has_previous(shortest) && has_next(shortest) && edges_[before].kind == edges_[after].kind;
        if (parallel) {
            edges_[before] = joined(edges_[before], edges_[after]);
            const std::size_t high = std::max(shortest, after), low = std::min(shortest, after);
            edges_.erase(edges_.begin() + static_cast<std::ptrdiff_t>(high));
            edges_.erase(edges_.begin() + static_cast<std::ptrdiff_t>(low));
        } else {
            edges_.erase(edges_.begin() + static_cast<std::ptrdiff_t>(shortest));
        }
        return true;
    }

    Ring corners() const {
        Ring ring;
        if (!closed_) ring.push_back(on_line(edges_.front(), edges_.front().start));
        for (std::size_t i = 0; i < edges_.size(); ++i)
            if (has_next(i)) ring.push_back(crossing(edges_[i], edges_[next(i)]));
        if (!closed_) ring.push_back(on_line(edges_.back(), edges_.back().end));
        return ring;
    }
    static Point on_line(const Edge& edge, const Point& p) {
        const Point n = normal_of(edge.kind);
        const double off = edge.offset - along_normal(edge.kind, p);
        return {p.x + off * n.x, p.y + off * n.y};
    }

    bool closed_;
    const FitOptions& options_;
    std::vector<Edge> edges_;
};

Ring rotated(Ring ring, double angle) {
    const double c = std::cos(angle), s = std::sin(angle);
    for (Point& p : ring) p = {c * p.x - s * p.y, s * p.x + c * p.y};
    return ring;
}

Ring fit(const Ring& points, bool closed, const FitOptions& options) {
    Ring samples = rotated(sampled(points, closed, options.spacing), -options.direction);
    const std::vector<std::size_t> ends = edge_ends(samples, closed, options.tolerance);
    const std::optional<Ring> fitted = EdgeList(samples, ends, closed, options).run();
    return fitted ? rotated(*fitted, options.direction) : Ring{};
}

// Edges of outlines as least squares sees them: the scatter of their samples about their own means.
struct Scatter {
    double angle = 0, length = 0;
    double xx = 0, xy = 0, yy = 0;
};

void collect(const Ring& points, bool closed, double tolerance, double spacing, std::vector<Scatter>& edges) {
    Ring samples = sampled(points, closed, spacing);
    const std::vector<std::size_t> ends = edge_ends(samples, closed, tolerance);
    for (std::size_t e = 0; e + 1 < ends.size(); ++e) {
        const Point a = samples[ends[e]], b = samples[ends[e + 1]];
        Scatter edge;
        edge.length = std::hypot(b.x - a.x, b.y - a.y);
        edge.angle = std::atan2(b.y - a.y, b.x - a.x);
        const double skip = std::min(tolerance, edge.length / 4);
        double count = 0, mx = 0, my = 0;
        for (int pass = 0; pass < 2; ++pass)
            for (std::size_t i = ends[e]; i <= ends[e + 1]; ++i) {
                const Point& p = samples[i];
                if (std::hypot(p.x - a.x, p.y - a.y) < skip || std::hypot(p.x - b.x, p.y - b.y) < skip)
                    continue;
                if (pass == 0) {
                    ++count, mx += p.x, my += p.y;
                } else {
                    const double dx = p.x - mx / count, dy = p.y - my / count;
                    edge.xx += dx * dx, edge.xy += dx * dy, edge.yy += dy * dy;
                }
            }
        edges.push_back(edge);
    }
}

double turned_into_quarter(double angle) {
    angle = std::fmod(angle, quarter_turn);
    return angle < 0 ? angle + quarter_turn : angle;
}

// Signed, at most an eighth of a turn.
double difference(double a, double b) {
    const double d = turned_into_quarter(a - b);
    return d > quarter_turn / 2 ? d - quarter_turn : d;
}

}  // namespace

Ring fit_ring(const Ring& ring, const FitOptions& options) {
    return ring.size() < 3 ? Ring{} : fit(ring, true, options);
}

Ring fit_line(const Ring& line, const FitOptions& options) {
    return line.size() < 2 ? Ring{} : fit(line, false, options);
}

double best_direction(const std::vector<Ring>& rings, const std::vector<Ring>& lines, double tolerance,
                      double spacing) {
    std::vector<Scatter> edges;
    for (const Ring& ring : rings)
        if (ring.size() >= 3) collect(ring, true, tolerance, spacing, edges);
    for (const Ring& line : lines)
        if (line.size() >= 2) collect(line, false, tolerance, spacing, edges);
    // Long edges count for more than their length: their direction is surer.
    constexpr int bins = 180;
    constexpr double width = 3.0 / 180 * 2 * quarter_turn;
    double best = 0, most = -1;
    for (int bin = 0; bin < bins; ++bin) {
        const double angle = quarter_turn * bin / bins;
        double weight = 0;
        for (const Scatter& edge : edges) {
            const double d = difference(edge.angle, angle) / width;
            weight += edge.length * edge.length * std::exp(-d * d / 2);
        }
        if (weight > most) most = weight, best = angle;
    }
    // Total least squares over all edges near either direction, those across turned onto those along.
    constexpr double near = 10.0 / 180 * 2 * quarter_turn;
    for (int round = 0; round < 3; ++round) {
        double xx = 0, xy = 0, yy = 0;
        for (const Scatter& edge : edges) {
            if (std::abs(difference(edge.angle, best)) > near) continue;
            const bool across = std::abs(std::sin(edge.angle - best)) > 0.7071;
            xx += across ? edge.yy : edge.xx;
            yy += across ? edge.xx : edge.yy;
            xy += across ? -edge.xy : edge.xy;
        }
        if (xx + yy <= 0) break;
        const double angle = 0.5 * std::atan2(2 * xy, xx - yy);
        best = turned_into_quarter(best + difference(angle, best));
    }
    return best;
}

}  // namespace landseam::vectors
