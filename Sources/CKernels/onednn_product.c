// Matrix products by oneDNN, with the second factor packed once where it is used many times.
#include "onednn_library.h"

#include <stdlib.h>

struct htr_onednn_product {
  htr_onednn_engine *engine;
  htr_onednn_operation operation;
  htr_onednn_reorder pack;
  void *packed;
  // In place of `packed`, where the second factor is shared.
  htr_packed_weights *shared;
  dnnl_memory_desc_t shape;
  int64_t count;
  int32_t shares, packs;
};

htr_onednn_product *htr_onednn_product_create(
    htr_onednn_engine *engine, htr_type type, const htr_product_shape *s) {
  htr_onednn_product *product = calloc(1, sizeof *product);
  if (!product) return NULL;
  product->engine = engine;
  dnnl_data_type_t element = type == HTR_FLOAT32 ? dnnl_f32 : dnnl_bf16;
  dnnl_dims_t a_size = {s->m, s->k}, b_size = {s->k, s->n}, c_size = {s->m, s->n};
  dnnl_dims_t a_strides = {s->a_row, s->a_column}, b_strides = {s->b_row, s->b_column}, c_strides = {s->c_row, 1};
  dnnl_memory_desc_t a, b, b_user = {0}, c;
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_post_ops_t sum = NULL;
  dnnl_matmul_desc_t wanted;
  dnnl_primitive_desc_t found;
  int32_t failed = htr_onednn.memory_desc_init_by_strides(&a, 2, a_size, element, a_strides) ||
                   htr_onednn.memory_desc_init_by_strides(&b_user, 2, b_size, s->packed_b ? dnnl_f32 : element, b_strides) ||
                   htr_onednn.memory_desc_init_by_strides(&c, 2, c_size, dnnl_f32, c_strides) ||
                   htr_onednn.primitive_attr_create(&attributes);
  b = b_user;
  if (!failed && s->packed_b)
    failed = htr_onednn.memory_desc_init_by_tag(&b, 2, b_size, element, dnnl_format_tag_any);
  if (!failed) failed = htr_onednn.primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
  if (!failed && s->accumulate)
    failed = htr_onednn.post_ops_create(&sum) || htr_onednn.post_ops_append_sum(sum, 1) ||
             htr_onednn.primitive_attr_set_post_ops(attributes, sum);
  if (!failed)
    failed = htr_onednn.matmul_desc_init(&wanted, &a, &b, NULL, &c) ||
             htr_onednn.primitive_desc_create(&found, &wanted, attributes, engine->engine, NULL);
  if (!failed) {
    b = *htr_onednn.primitive_desc_query_md(found, dnnl_query_weights_md, 0);
    product->shape = b;
    product->count = s->k * s->n;
    product->packs = s->packed_b;
    product->shares = s->packed_b && s->share_b;
    if (product->shares) {
      failed = htr_reorder_create(&product->pack, engine, &b_user, NULL, &b, NULL);
    } else if (s->packed_b) {
      size_t size = htr_onednn.memory_desc_get_size(&b);
      product->packed = aligned_alloc(64, (size + 63) / 64 * 64 + 64);
      failed = !product->packed ||
               htr_reorder_create(&product->pack, engine, &b_user, NULL, &b, product->packed);
    }
    failed = htr_operation_create(&product->operation, engine, found) || failed ||
             htr_operation_bind(&product->operation, engine, DNNL_ARG_SRC, &a, NULL) ||
             htr_operation_bind(&product->operation, engine, DNNL_ARG_DST, &c, NULL) ||
             htr_operation_bind(&product->operation, engine, DNNL_ARG_WEIGHTS, &b, product->packed);
  }
  if (sum) htr_onednn.post_ops_destroy(sum);
  if (attributes) htr_onednn.primitive_attr_destroy(attributes);
  if (!failed) return product;
  htr_onednn_product_destroy(product);
  return NULL;
}

void htr_onednn_product_destroy(htr_onednn_product *product) {
  htr_operation_destroy(&product->operation);
  htr_reorder_destroy(&product->pack);
  htr_packed_weights_release(product->engine, product->shared);
  free(product->packed);
  free(product);
}

int32_t htr_onednn_product_pack(htr_onednn_product *product, const float *b) {
  if (product->shares) {
    int32_t is_new;
    htr_packed_weights *taken =
        htr_packed_weights_take(product->engine, &product->shape, b, product->count, &is_new);
    if (!taken) return -1;
    htr_packed_weights_release(product->engine, product->shared);
    product->shared = taken;
    htr_operation_set(&product->operation, 3, taken->data);
    if (!is_new) return 0;
    htr_onednn.memory_set_data_handle(product->pack.to, taken->data);
  }
  htr_onednn.memory_set_data_handle(product->pack.from, (void *)b);
  return htr_reorder_run(&product->pack, product->engine);
}

int32_t htr_onednn_product_run(htr_onednn_product *product, const void *a, const void *b, float *c) {
  htr_operation_set(&product->operation, 1, a);
  htr_operation_set(&product->operation, 2, c);
  if (!product->packs) htr_operation_set(&product->operation, 3, b);
  return htr_operation_run(&product->operation, product->engine);
}
