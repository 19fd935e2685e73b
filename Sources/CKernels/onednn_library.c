// oneDNN, looked for at run time, and what all of its primitives need.
#include "onednn_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct htr_onednn_table htr_onednn;

int32_t htr_onednn_load(char *reason, size_t size) {
  static void *library;
  if (library) return 0;
  void *found = dlopen("libdnnl.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!found) {
    snprintf(reason, size, "%s", dlerror());
    return -1;
  }
#define HTR_LOOK_UP(name)                                                                                              \
  htr_onednn.name = (__typeof__(htr_onednn.name))dlsym(found, "dnnl_" #name);                                          \
  if (!htr_onednn.name) {                                                                                              \
    snprintf(reason, size, "libdnnl.so.2 lacks dnnl_" #name);                                                          \
    return -1;                                                                                                         \
  }
  HTR_ONEDNN_FUNCTIONS(HTR_LOOK_UP)
#undef HTR_LOOK_UP
  library = found;
  return 0;
}

const char *htr_onednn_version(void) {
  static char text[32];
  const dnnl_version_t *v = htr_onednn.version();
  snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
  return text;
}

int32_t htr_onednn_has_bfloat16(void) {
  // Each instruction set with bf16 products has all bits of AVX-512 with bf16.
  return (htr_onednn.get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
}

htr_onednn_engine *htr_onednn_engine_create(void) {
  htr_onednn_engine *engine = calloc(1, sizeof *engine);
  if (!engine) return NULL;
  if (htr_onednn.engine_create(&engine->engine, dnnl_cpu, 0) != dnnl_success ||
      htr_onednn.stream_create(&engine->stream, engine->engine, dnnl_stream_default_flags) != dnnl_success) {
    htr_onednn_engine_destroy(engine);
    return NULL;
  }
  return engine;
}

void htr_onednn_engine_destroy(htr_onednn_engine *engine) {
  if (engine->stream) htr_onednn.stream_destroy(engine->stream);
  if (engine->engine) htr_onednn.engine_destroy(engine->engine);
  free(engine->scratch);
  free(engine);
}

int32_t htr_onednn_reserve(htr_onednn_engine *engine, size_t size) {
  if (size <= engine->scratch_size) return 0;
  size = (size + 4095) / 4096 * 4096;
  void *larger = aligned_alloc(4096, size);
  if (!larger) return -1;
  free(engine->scratch);
  engine->scratch = larger;
  engine->scratch_size = size;
  return 0;
}

int32_t htr_operation_create(
    htr_onednn_operation *operation, htr_onednn_engine *engine, dnnl_primitive_desc_t description) {
  dnnl_status_t status = htr_onednn.primitive_create(&operation->primitive, description);
  const dnnl_memory_desc_t *scratch = htr_onednn.primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
  int32_t result = status == dnnl_success ? htr_onednn_reserve(engine, htr_onednn.memory_desc_get_size(scratch)) : -1;
  // Argument 0 is always the scratch memory.
  if (result == 0) result = htr_operation_bind(operation, engine, DNNL_ARG_SCRATCHPAD, scratch, NULL);
  htr_onednn.primitive_desc_destroy(description);
  return result;
}

int32_t htr_operation_bind(
    htr_onednn_operation *operation, htr_onednn_engine *engine, int32_t name, const dnnl_memory_desc_t *shape,
    void *data) {
  if (operation->count == HTR_MAXIMUM_ARGUMENTS) return -1;
  dnnl_exec_arg_t *argument = &operation->arguments[operation->count];
  argument->arg = name;
  if (htr_onednn.memory_create(&argument->memory, shape, engine->engine, data) != dnnl_success) return -1;
  operation->count++;
  return 0;
}

void htr_operation_set(htr_onednn_operation *operation, int32_t argument, const void *data) {
  htr_onednn.memory_set_data_handle(operation->arguments[argument].memory, (void *)data);
}

int32_t htr_operation_run(htr_onednn_operation *operation, htr_onednn_engine *engine) {
  htr_operation_set(operation, 0, engine->scratch);
  dnnl_status_t status =
      htr_onednn.primitive_execute(operation->primitive, engine->stream, operation->count, operation->arguments);
  return status == dnnl_success ? 0 : -1;
}

void htr_operation_destroy(htr_onednn_operation *operation) {
  for (int32_t i = 0; i < operation->count; i++) htr_onednn.memory_destroy(operation->arguments[i].memory);
  if (operation->primitive) htr_onednn.primitive_destroy(operation->primitive);
  memset(operation, 0, sizeof *operation);
}

int32_t htr_reorder_create(
    htr_onednn_reorder *reorder, htr_onednn_engine *engine, const dnnl_memory_desc_t *from, void *from_data,
    const dnnl_memory_desc_t *to, void *to_data) {
  dnnl_primitive_desc_t description;
  if (htr_onednn.reorder_primitive_desc_create(&description, from, engine->engine, to, engine->engine, NULL) !=
      dnnl_success)
    return -1;
  dnnl_status_t status = htr_onednn.primitive_create(&reorder->primitive, description);
  htr_onednn.primitive_desc_destroy(description);
  if (status != dnnl_success) return -1;
  if (htr_onednn.memory_create(&reorder->from, from, engine->engine, from_data) != dnnl_success) return -1;
  return htr_onednn.memory_create(&reorder->to, to, engine->engine, to_data) == dnnl_success ? 0 : -1;
}

int32_t htr_reorder_run(htr_onednn_reorder *reorder, htr_onednn_engine *engine) {
  dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, reorder->from}, {DNNL_ARG_TO, reorder->to}};
  return htr_onednn.primitive_execute(reorder->primitive, engine->stream, 2, arguments) == dnnl_success ? 0 : -1;
}

void htr_reorder_destroy(htr_onednn_reorder *reorder) {
  if (reorder->from) htr_onednn.memory_destroy(reorder->from);
  if (reorder->to) htr_onednn.memory_destroy(reorder->to);
  if (reorder->primitive) htr_onednn.primitive_destroy(reorder->primitive);
  memset(reorder, 0, sizeof *reorder);
}
