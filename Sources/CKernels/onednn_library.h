// The functions of oneDNN 2 that htr calls, as a table filled at run time.
#pragma once
#include <oneapi/dnnl/dnnl.h>

#include "include/CKernels.h"

#define HTR_ONEDNN_FUNCTIONS(F)                                                                                        \
  F(version) F(get_effective_cpu_isa) F(engine_create) F(engine_destroy) F(stream_create) F(stream_destroy)            \
  F(memory_desc_init_by_tag) F(memory_desc_init_by_strides) F(memory_desc_get_size) F(memory_desc_equal) F(memory_create)                   \
  F(memory_destroy) F(memory_set_data_handle) F(memory_get_data_handle) F(primitive_attr_create)                       \
  F(primitive_attr_destroy) F(primitive_attr_set_scratchpad_mode) F(primitive_attr_set_post_ops) F(post_ops_create)    \
  F(post_ops_destroy) F(post_ops_append_eltwise) F(post_ops_append_sum) F(convolution_forward_desc_init)               \
  F(convolution_backward_data_desc_init) F(convolution_backward_weights_desc_init) F(matmul_desc_init)                 \
  F(primitive_desc_create) F(primitive_desc_destroy) F(primitive_desc_query_md) F(reorder_primitive_desc_create)       \
  F(primitive_create) F(primitive_destroy) F(primitive_execute)

struct htr_onednn_table {
#define HTR_FIELD(name) __typeof__(dnnl_##name) *name;
  HTR_ONEDNN_FUNCTIONS(HTR_FIELD)
#undef HTR_FIELD
};
extern struct htr_onednn_table htr_onednn;

// Weights in a layout of the library's, shared by all primitives that read the same ones: pages and words come in many
// sizes, each with primitives of its own.
typedef struct htr_packed_weights {
  uint64_t digest;
  dnnl_memory_desc_t shape;
  void *data;
  int32_t users;
  struct htr_packed_weights *next;
} htr_packed_weights;

struct htr_onednn_engine {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  // Work space of whatever runs: as large as the largest that was asked for.
  void *scratch;
  size_t scratch_size;
  htr_packed_weights *packed;
};

// The engine's copy of weights with this content in this layout. `is_new`: it is still to be filled. NULL: no memory.
htr_packed_weights *htr_packed_weights_take(
    htr_onednn_engine *engine, const dnnl_memory_desc_t *shape, const float *weights, int64_t count, int32_t *is_new);
// Takes NULL too. The last user frees it.
void htr_packed_weights_release(htr_onednn_engine *engine, htr_packed_weights *weights);

// Makes the engine's scratch memory at least this large. 0 or -1.
int32_t htr_onednn_reserve(htr_onednn_engine *engine, size_t size);

// A primitive with one argument of each kind; see the functions below.
#define HTR_MAXIMUM_ARGUMENTS 5
typedef struct {
  dnnl_primitive_t primitive;
  dnnl_exec_arg_t arguments[HTR_MAXIMUM_ARGUMENTS];
  int32_t count;
} htr_onednn_operation;

// A reorder between two layouts, one of which is memory of the operation's own.
typedef struct {
  dnnl_primitive_t primitive;
  dnnl_memory_t from, to;
} htr_onednn_reorder;

// Takes over `description` (and destroys it). Weights of layout "any" are the caller's affair. 0 or -1.
int32_t htr_operation_create(
    htr_onednn_operation *operation, htr_onednn_engine *engine, dnnl_primitive_desc_t description);
// An argument whose memory is named at each run, or (with memory) given once.
int32_t htr_operation_bind(
    htr_onednn_operation *operation, htr_onednn_engine *engine, int32_t name, const dnnl_memory_desc_t *shape,
    void *data);
void htr_operation_set(htr_onednn_operation *operation, int32_t argument, const void *data);
int32_t htr_operation_run(htr_onednn_operation *operation, htr_onednn_engine *engine);
void htr_operation_destroy(htr_onednn_operation *operation);

int32_t htr_reorder_create(
    htr_onednn_reorder *reorder, htr_onednn_engine *engine, const dnnl_memory_desc_t *from, void *from_data,
    const dnnl_memory_desc_t *to, void *to_data);
int32_t htr_reorder_run(htr_onednn_reorder *reorder, htr_onednn_engine *engine);
void htr_reorder_destroy(htr_onednn_reorder *reorder);
