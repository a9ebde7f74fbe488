/* What this program is and what it runs on. The build defines SBMT_VERSION, SBMT_COMPILER,
 * SBMT_FLAGS and SBMT_LIBRARIES, and writes build_version.h. */
#include "bench/info.h"

#include <stdio.h>
#include <string.h>

#include "bench/build_version.h"
#include "core/base/thread.h"
#include "core/kernels/gemm.h"
#include "core/kernels/kernels.h"

static const struct sbmt_library libraries[] = {SBMT_LIBRARIES, {NULL, NULL}};

static void processor_name(char *name, size_t size)
{
    snprintf(name, size, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "re");
    if (file == NULL)
        return;
    char line[512];
    while (fgets(line, sizeof line, file) != NULL) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || colon == NULL)
            continue;
        colon += strspn(colon, ": \t");
        colon[strcspn(colon, "\n")] = '\0';
        snprintf(name, size, "%.*s", (int)size - 1, colon);
        break;
    }
    fclose(file);
}

const char *sbmt_version(void)
{
    return SBMT_VERSION;
}

const char *sbmt_build(void)
{
    return SBMT_VERSION " (" SBMT_COMMIT ")";
}

struct sbmt_info sbmt_info_get(void)
{
    struct sbmt_info info = {
        .version = sbmt_build(),
        .compiler = SBMT_COMPILER,
        .flags = SBMT_FLAGS,
        .libraries = libraries,
        .blas = sbmt_gemm_description(),
        .kernels = sbmt_cpu_best(),
        .processors = sbmt_processor_count(),
    };
    processor_name(info.cpu, sizeof info.cpu);
    return info;
}

void sbmt_info_set(struct sbmt_json *json, const char *cpu_used)
{
    const struct sbmt_info info = sbmt_info_get();
    sbmt_json_text(json, "version", info.version);
    sbmt_json_text(json, "compiler", info.compiler);
    sbmt_json_text(json, "flags", info.flags);
    sbmt_json_text(json, "cpu", info.cpu);
    sbmt_json_number(json, "processors", info.processors);
    sbmt_json_begin(json, "libraries");
    for (const struct sbmt_library *library = info.libraries; library->name != NULL; library++)
        sbmt_json_text(json, library->name, library->version);
    sbmt_json_end(json);
    sbmt_json_text(json, "blas", info.blas);
    sbmt_json_text(json, "kernels", info.kernels);
    if (cpu_used != NULL)
        sbmt_json_text(json, "cpu_used", cpu_used);
}

struct sbmt_json sbmt_info_json(const char *cpu_used)
{
    struct sbmt_json json = sbmt_json_make();
    sbmt_info_set(&json, cpu_used);
    return json;
}
