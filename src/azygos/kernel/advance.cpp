// The kernel for one instruction set; compiled once for each. AZYGOS_ISA names the namespace, so that
// no code built for a newer processor can be linked in for an older one.
#include "advance.hpp"
#include "limit.hpp"

namespace azygos {
namespace AZYGOS_ISA {

template <class T>
void advance_from_doubles(const Circuit* c, double* const* fields, double* state, double* spare, int count,
                          const double* signals, int steps, int fresh, const Record* r, Fate* fates) {
    Fields<T> f;
    static_assert(sizeof(f) % sizeof(double*) == 0, "Fields holds pointers only");
    T** member = reinterpret_cast<T**>(&f);
    for (unsigned i = 0; i < sizeof(f) / sizeof(T*); ++i) member[i] = reinterpret_cast<T*>(fields[i]);
    advance(*c, f, reinterpret_cast<T*>(state), reinterpret_cast<T*>(spare), count,
            reinterpret_cast<const T*>(signals), steps, fresh, *r, fates);
}

}  // namespace AZYGOS_ISA
}  // namespace azygos

#define AZ_NAME_(prefix, isa) prefix##isa
#define AZ_NAME(prefix, isa) AZ_NAME_(prefix, isa)
#define AZ_ENTRY(prefix, T)                                                                                        \
    extern "C" void AZ_NAME(prefix, AZYGOS_ISA)(const azygos::Circuit* c, double* const* fields, double* state,    \
                                                double* spare, int count, const double* signals, int steps,       \
                                                int fresh, const azygos::Record* r, azygos::Fate* fates) {        \
        azygos::AZYGOS_ISA::advance_from_doubles<T>(c, fields, state, spare, count, signals, steps, fresh, r,     \
                                                    fates);                                                       \
    }

AZ_ENTRY(advance_one_, double)
AZ_ENTRY(advance_lanes_, azygos::AZYGOS_ISA::Lanes)
AZ_ENTRY(advance_dual_, azygos::AZYGOS_ISA::Dual)

extern "C" int AZ_NAME(limit_one_, AZYGOS_ISA)(int passes) { return azygos::AZYGOS_ISA::limit<double>(passes); }
extern "C" int AZ_NAME(limit_lanes_, AZYGOS_ISA)(int passes) {
    return azygos::AZYGOS_ISA::limit<azygos::AZYGOS_ISA::Lanes>(passes);
}
