// Convolutions by oneDNN: activations NHWC, weights in whatever layout the library likes best.
#include "onednn_library.h"

#include <stdlib.h>

struct htr_onednn_convolution {
  htr_onednn_engine *engine;
  htr_onednn_operation forward, backward_data, backward_weights;
  htr_onednn_reorder pack_forward, pack_backward, unpack_gradient;
  void *forward_weights, *backward_weights_data, *gradient;
  // In place of forward_weights, in inference.
  htr_packed_weights *shared;
  dnnl_memory_desc_t weights_shape;
  int64_t weight_count;
  int32_t bias_relu;
};

static void *allocate(const dnnl_memory_desc_t *shape) {
  size_t size = htr_onednn.memory_desc_get_size(shape);
  return aligned_alloc(64, (size + 63) / 64 * 64 + 64);
}

static const dnnl_memory_desc_t *layout(dnnl_primitive_desc_t description, dnnl_query_t what) {
  return htr_onednn.primitive_desc_query_md(description, what, 0);
}

typedef struct {
  dnnl_memory_desc_t source, target, weights, bias, user_weights;
  dnnl_dims_t strides, padding;
  dnnl_primitive_attr_t attributes;
} parts;

static int32_t describe(parts *p, htr_type type, const htr_convolution_shape *s, int32_t bias_relu) {
  int64_t oh = (s->height + 2 * s->padding - s->kernel_height) / s->stride + 1;
  int64_t ow = (s->width + 2 * s->padding - s->kernel_width) / s->stride + 1;
  dnnl_dims_t source = {s->batch, s->input_channels, s->height, s->width};
  dnnl_dims_t target = {s->batch, s->output_channels, oh, ow};
  dnnl_dims_t weights = {s->output_channels, s->input_channels, s->kernel_height, s->kernel_width};
  dnnl_dims_t bias = {s->output_channels};
  dnnl_data_type_t element = type == HTR_FLOAT32 ? dnnl_f32 : dnnl_bf16;
  for (int32_t i = 0; i < 2; i++) {
    p->strides[i] = s->stride;
    p->padding[i] = s->padding;
  }
  if (htr_onednn.memory_desc_init_by_tag(&p->source, 4, source, element, dnnl_nhwc) ||
      htr_onednn.memory_desc_init_by_tag(&p->target, 4, target, element, dnnl_nhwc) ||
      htr_onednn.memory_desc_init_by_tag(&p->weights, 4, weights, element, dnnl_format_tag_any) ||
      htr_onednn.memory_desc_init_by_tag(&p->user_weights, 4, weights, dnnl_f32, dnnl_oihw) ||
      htr_onednn.memory_desc_init_by_tag(&p->bias, 1, bias, dnnl_f32, dnnl_a) ||
      htr_onednn.primitive_attr_create(&p->attributes))
    return -1;
  htr_onednn.primitive_attr_set_scratchpad_mode(p->attributes, dnnl_scratchpad_mode_user);
  if (!bias_relu) return 0;
  dnnl_post_ops_t operations;
  if (htr_onednn.post_ops_create(&operations)) return -1;
  htr_onednn.post_ops_append_eltwise(operations, 1, dnnl_eltwise_relu, 0, 0);
  dnnl_status_t status = htr_onednn.primitive_attr_set_post_ops(p->attributes, operations);
  htr_onednn.post_ops_destroy(operations);
  return status == dnnl_success ? 0 : -1;
}

static int32_t create_forward(htr_onednn_convolution *c, const parts *p, int32_t training, dnnl_primitive_desc_t *hint) {
  dnnl_convolution_desc_t wanted;
  dnnl_primitive_desc_t found;
  dnnl_prop_kind_t kind = training ? dnnl_forward_training : dnnl_forward_inference;
  if (htr_onednn.convolution_forward_desc_init(
          &wanted, kind, dnnl_convolution_direct, &p->source, &p->weights, c->bias_relu ? &p->bias : NULL, &p->target,
          p->strides, p->padding, p->padding) ||
      htr_onednn.primitive_desc_create(&found, &wanted, p->attributes, c->engine->engine, NULL) ||
      htr_onednn.primitive_desc_create(hint, &wanted, p->attributes, c->engine->engine, NULL))
    return -1;
  const dnnl_memory_desc_t weights = *layout(found, dnnl_query_weights_md);
  if (training && !(c->forward_weights = allocate(&weights))) return -1;
  c->weights_shape = weights;
  if (htr_operation_create(&c->forward, c->engine, found) ||
      htr_operation_bind(&c->forward, c->engine, DNNL_ARG_SRC, &p->source, NULL) ||
      htr_operation_bind(&c->forward, c->engine, DNNL_ARG_DST, &p->target, NULL) ||
      htr_operation_bind(&c->forward, c->engine, DNNL_ARG_WEIGHTS, &weights, c->forward_weights))
    return -1;
  if (c->bias_relu && htr_operation_bind(&c->forward, c->engine, DNNL_ARG_BIAS, &p->bias, NULL)) return -1;
  return htr_reorder_create(&c->pack_forward, c->engine, &p->user_weights, NULL, &weights, c->forward_weights);
}

static int32_t create_backward_data(htr_onednn_convolution *c, const parts *p, dnnl_primitive_desc_t hint) {
  dnnl_convolution_desc_t wanted;
  dnnl_primitive_desc_t found;
  if (htr_onednn.convolution_backward_data_desc_init(
          &wanted, dnnl_convolution_direct, &p->source, &p->weights, &p->target, p->strides, p->padding, p->padding) ||
      htr_onednn.primitive_desc_create(&found, &wanted, p->attributes, c->engine->engine, hint))
    return -1;
  const dnnl_memory_desc_t weights = *layout(found, dnnl_query_weights_md);
  if (!(c->backward_weights_data = allocate(&weights))) return -1;
  if (htr_operation_create(&c->backward_data, c->engine, found) ||
      htr_operation_bind(&c->backward_data, c->engine, DNNL_ARG_DIFF_DST, &p->target, NULL) ||
      htr_operation_bind(&c->backward_data, c->engine, DNNL_ARG_DIFF_SRC, &p->source, NULL) ||
      htr_operation_bind(&c->backward_data, c->engine, DNNL_ARG_WEIGHTS, &weights, c->backward_weights_data))
    return -1;
  return htr_reorder_create(&c->pack_backward, c->engine, &p->user_weights, NULL, &weights, c->backward_weights_data);
}

static int32_t create_backward_weights(htr_onednn_convolution *c, const parts *p, dnnl_primitive_desc_t hint) {
  dnnl_convolution_desc_t wanted;
  dnnl_primitive_desc_t found;
  dnnl_memory_desc_t any = p->weights;
  any.data_type = dnnl_f32;  // gradients are summed in full precision
  if (htr_onednn.convolution_backward_weights_desc_init(
          &wanted, dnnl_convolution_direct, &p->source, &any, NULL, &p->target, p->strides, p->padding, p->padding) ||
      htr_onednn.primitive_desc_create(&found, &wanted, p->attributes, c->engine->engine, hint))
    return -1;
  const dnnl_memory_desc_t weights = *layout(found, dnnl_query_diff_weights_md);
  if (!(c->gradient = allocate(&weights))) return -1;
  if (htr_operation_create(&c->backward_weights, c->engine, found) ||
      htr_operation_bind(&c->backward_weights, c->engine, DNNL_ARG_SRC, &p->source, NULL) ||
      htr_operation_bind(&c->backward_weights, c->engine, DNNL_ARG_DIFF_DST, &p->target, NULL) ||
      htr_operation_bind(&c->backward_weights, c->engine, DNNL_ARG_DIFF_WEIGHTS, &weights, c->gradient))
    return -1;
  return htr_reorder_create(&c->unpack_gradient, c->engine, &weights, c->gradient, &p->user_weights, NULL);
}

htr_onednn_convolution *htr_onednn_convolution_create(
    htr_onednn_engine *engine, htr_type type, const htr_convolution_shape *shape, const htr_convolution_use *use) {
  htr_onednn_convolution *c = calloc(1, sizeof *c);
  if (!c) return NULL;
  c->engine = engine;
  c->bias_relu = use->bias_relu;
  c->weight_count =
      (int64_t)shape->output_channels * shape->input_channels * shape->kernel_height * shape->kernel_width;
  parts p = {0};
  dnnl_primitive_desc_t hint = NULL;
  int32_t failed = describe(&p, type, shape, use->bias_relu) || create_forward(c, &p, use->training, &hint);
  if (!failed && use->training) {
    failed = create_backward_weights(c, &p, hint);
    if (!failed && use->data_gradient) failed = create_backward_data(c, &p, hint);
  }
  if (hint) htr_onednn.primitive_desc_destroy(hint);
  if (p.attributes) htr_onednn.primitive_attr_destroy(p.attributes);
  if (!failed) return c;
  htr_onednn_convolution_destroy(c);
  return NULL;
}

void htr_onednn_convolution_destroy(htr_onednn_convolution *c) {
  htr_operation_destroy(&c->forward);
  htr_operation_destroy(&c->backward_data);
  htr_operation_destroy(&c->backward_weights);
  htr_reorder_destroy(&c->pack_forward);
  htr_reorder_destroy(&c->pack_backward);
  htr_reorder_destroy(&c->unpack_gradient);
  htr_packed_weights_release(c->engine, c->shared);
  free(c->forward_weights);
  free(c->backward_weights_data);
  free(c->gradient);
  free(c);
}

static int32_t share(htr_onednn_convolution *c, const float *weights) {
  int32_t is_new;
  htr_packed_weights *taken =
      htr_packed_weights_take(c->engine, &c->weights_shape, weights, c->weight_count, &is_new);
  if (!taken) return -1;
  htr_packed_weights_release(c->engine, c->shared);
  c->shared = taken;
  htr_operation_set(&c->forward, 3, taken->data);
  if (!is_new) return 0;
  htr_onednn.memory_set_data_handle(c->pack_forward.from, (void *)weights);
  htr_onednn.memory_set_data_handle(c->pack_forward.to, taken->data);
  return htr_reorder_run(&c->pack_forward, c->engine);
}

int32_t htr_onednn_convolution_pack(htr_onednn_convolution *c, const float *weights) {
  if (!c->forward_weights) return share(c, weights);
  htr_onednn.memory_set_data_handle(c->pack_forward.from, (void *)weights);
  if (htr_reorder_run(&c->pack_forward, c->engine)) return -1;
  if (!c->pack_backward.primitive) return 0;
  htr_onednn.memory_set_data_handle(c->pack_backward.from, (void *)weights);
  return htr_reorder_run(&c->pack_backward, c->engine);
}

int32_t htr_onednn_convolution_forward(htr_onednn_convolution *c, const void *x, const float *bias, void *y) {
  htr_operation_set(&c->forward, 1, x);
  htr_operation_set(&c->forward, 2, y);
  if (c->bias_relu) htr_operation_set(&c->forward, 4, bias);
  return htr_operation_run(&c->forward, c->engine);
}

int32_t htr_onednn_convolution_backward_data(htr_onednn_convolution *c, const void *dy, void *dx) {
  htr_operation_set(&c->backward_data, 1, dy);
  htr_operation_set(&c->backward_data, 2, dx);
  return htr_operation_run(&c->backward_data, c->engine);
}

int32_t htr_onednn_convolution_backward_weights(
    htr_onednn_convolution *c, const void *x, const void *dy, float *dw) {
  htr_operation_set(&c->backward_weights, 1, x);
  htr_operation_set(&c->backward_weights, 2, dy);
  if (htr_operation_run(&c->backward_weights, c->engine)) return -1;
  htr_onednn.memory_set_data_handle(c->unpack_gradient.to, dw);
  return htr_reorder_run(&c->unpack_gradient, c->engine);
}
