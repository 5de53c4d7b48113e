// In place of cpuinfo's files that find out what a chipset or a processor is called and what caches it has. XNNPACK asks
// cpuinfo for instructions and for the kind of core alone, and the processor itself tells these.
//
// 32-bit ARM keeps the chipsets: on some, dot products must not be used although the core has them.
#include <cpuinfo.h>

#if CPUINFO_ARCH_ARM || CPUINFO_ARCH_ARM64
#include <arm/api.h>
#include <arm/linux/api.h>

void cpuinfo_arm_decode_cache(enum cpuinfo_uarch uarch, uint32_t cluster_cores, uint32_t midr,
                              const struct cpuinfo_arm_chipset chipset[restrict static 1],
                              uint32_t cluster_id, uint32_t arch_version,
                              struct cpuinfo_cache l1i[restrict static 1],
                              struct cpuinfo_cache l1d[restrict static 1],
                              struct cpuinfo_cache l2[restrict static 1],
                              struct cpuinfo_cache l3[restrict static 1]) {
  (void)uarch, (void)cluster_cores, (void)midr, (void)chipset, (void)cluster_id, (void)arch_version;
  *l1i = *l1d = *l2 = *l3 = (struct cpuinfo_cache){0};
}

uint32_t cpuinfo_arm_compute_max_cache_size(
    const struct cpuinfo_processor processor[restrict static 1]) {
  (void)processor;
  return 0;
}
#endif

#if CPUINFO_ARCH_ARM64
void cpuinfo_arm_chipset_to_string(const struct cpuinfo_arm_chipset chipset[restrict static 1],
                                   char name[restrict static CPUINFO_ARM_CHIPSET_NAME_MAX]) {
  (void)chipset;
  name[0] = '\0';
}

#ifdef __ANDROID__
void cpuinfo_arm_android_parse_properties(struct cpuinfo_android_properties properties[restrict static 1]) {
  (void)properties;
}

struct cpuinfo_arm_chipset cpuinfo_arm_android_decode_chipset(
    const struct cpuinfo_android_properties properties[restrict static 1], uint32_t cores,
    uint32_t max_cpu_freq_max) {
  (void)properties, (void)cores, (void)max_cpu_freq_max;
  return (struct cpuinfo_arm_chipset){0};
}
#else
struct cpuinfo_arm_chipset cpuinfo_arm_linux_decode_chipset(
    const char hardware[restrict static CPUINFO_HARDWARE_VALUE_MAX],
    const char revision[restrict static CPUINFO_REVISION_VALUE_MAX], uint32_t cores,
    uint32_t max_cpu_freq_max) {
  (void)hardware, (void)revision, (void)cores, (void)max_cpu_freq_max;
  return (struct cpuinfo_arm_chipset){0};
}
#endif
#endif

#if CPUINFO_ARCH_X86_64
#include <x86/api.h>

// The caller has set everything that this would fill to 0.
void cpuinfo_x86_detect_cache(
    uint32_t max_base_index, uint32_t max_extended_index, bool amd_topology_extensions,
    enum cpuinfo_vendor vendor, const struct cpuinfo_x86_model_info* model_info,
    struct cpuinfo_x86_caches* cache, struct cpuinfo_tlb* itlb_4KB, struct cpuinfo_tlb* itlb_2MB,
    struct cpuinfo_tlb* itlb_4MB, struct cpuinfo_tlb* dtlb0_4KB, struct cpuinfo_tlb* dtlb0_2MB,
    struct cpuinfo_tlb* dtlb0_4MB, struct cpuinfo_tlb* dtlb_4KB, struct cpuinfo_tlb* dtlb_2MB,
    struct cpuinfo_tlb* dtlb_4MB, struct cpuinfo_tlb* dtlb_1GB, struct cpuinfo_tlb* stlb2_4KB,
    struct cpuinfo_tlb* stlb2_2MB, struct cpuinfo_tlb* stlb2_1GB, uint32_t* log2_package_cores_max) {
  (void)max_base_index, (void)max_extended_index, (void)amd_topology_extensions, (void)vendor;
  (void)model_info, (void)cache, (void)itlb_4KB, (void)itlb_2MB, (void)itlb_4MB, (void)dtlb0_4KB;
  (void)dtlb0_2MB, (void)dtlb0_4MB, (void)dtlb_4KB, (void)dtlb_2MB, (void)dtlb_4MB, (void)dtlb_1GB;
  (void)stlb2_4KB, (void)stlb2_2MB, (void)stlb2_1GB, (void)log2_package_cores_max;
}

uint32_t cpuinfo_x86_normalize_brand_string(const char raw_name[48], char normalized_name[48]) {
  (void)raw_name;
  normalized_name[0] = '\0';
  return 0;
}

uint32_t cpuinfo_x86_format_package_name(enum cpuinfo_vendor vendor,
                                         const char normalized_brand_string[48],
                                         char package_name[CPUINFO_PACKAGE_NAME_MAX]) {
  (void)vendor, (void)normalized_brand_string;
  package_name[0] = '\0';
  return 0;
}
#endif
