// The loops and library calls below TensorKit. Layout NHWC, row-major, no gaps unless a stride is named.
// Pointers to activations are `void *`: what they point to is told by the htr_type beside them.
#pragma once
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef enum : int32_t { HTR_FLOAT32 = 0, HTR_BFLOAT16 = 1 } htr_type;

// Subnormal numbers become zero on the calling thread: they cost a hundred cycles each and mean nothing here. Returns the
// thread's mode before, for htr_restore_mode: threads of a pool are other people's too.
uint64_t htr_flush_subnormals(void);
void htr_restore_mode(uint64_t mode);

// ---- normpool.c: batch norm + ReLU + max pool in one pass -------------------------------------------------------------
typedef struct {
  int32_t batch, height, width, channels;  // before pooling; channels are a multiple of 16
  int32_t pool_height, pool_width;         // 1 x 1: no pooling; height and width are multiples of them
} htr_pool_shape;

// Mean and (biased) variance of each channel over `rows` rows; channels are a multiple of 16.
void htr_channel_moments(htr_type type, const void *x, int64_t rows, int32_t channels, float *mean, float *variance);
// y = relu(max over the window of x * scale + shift); winner: which element of the window (row-major) it was.
void htr_norm_pool_forward(
    htr_type type, const htr_pool_shape *shape, const void *x, const float *scale, const float *shift, void *y,
    uint8_t *winner);
// Sums over all elements of the gradient at the norm's output, and of it times the normalised input.
void htr_norm_pool_gradient_sums(
    htr_type type, const htr_pool_shape *shape, const void *x, const void *y, const void *dy, const uint8_t *winner,
    const float *mean, const float *inverse_deviation, float *sum_dy, float *sum_dy_normal);
// In: x; out: the gradient at x, in its place.
void htr_norm_pool_backward(
    htr_type type, const htr_pool_shape *shape, void *x, const void *y, const void *dy, const uint8_t *winner,
    const float *mean, const float *inverse_deviation, const float *gamma, const float *sum_dy,
    const float *sum_dy_normal);
// y = max over the window of x: what is left of the above when the norm is folded into the convolution.
void htr_max_pool(htr_type type, const htr_pool_shape *shape, const void *x, void *y);

// ---- firstconv.c: 3 x 3 convolution of one input channel, padding 1 ----------------------------------------------------
// x: batch x height x width floats; weights: 9 x channels; bias may be NULL; relu: 0 or 1. channels: a multiple of 16.
void htr_first_convolution(
    htr_type type, int32_t batch, int32_t height, int32_t width, int32_t channels, const float *x,
    const float *weights, const float *_Nullable bias, int32_t relu, void *y);
// dw (9 x channels) = the gradient at the weights.
void htr_first_convolution_gradient(
    htr_type type, int32_t batch, int32_t height, int32_t width, int32_t channels, const float *x, const void *dy,
    float *dw);

// ---- sequence.c --------------------------------------------------------------------------------------------------------
// [batch, time, channels] to [time, batch, channels], or back when `back` is 1.
void htr_swap_batch_time(
    htr_type from_type, htr_type to_type, int32_t batch, int32_t time, int32_t channels, int32_t back,
    const void *from, void *to);
void htr_convert(htr_type from_type, htr_type to_type, int64_t count, const void *from, void *to);
// y = x * mask / (1 - rate); the mask is a hash of (seed, index), so the backward pass needs no memory of it.
void htr_dropout(htr_type type, int64_t count, float rate, uint64_t seed, const void *x, void *y);
// Rows + bias; optional ReLU.
void htr_add_bias(htr_type type, int64_t rows, int32_t channels, const float *bias, int32_t relu, void *x);
// sums[c] += sum over rows of x.
void htr_add_column_sums(htr_type type, int64_t rows, int32_t channels, const void *x, float *sums);
// x, rows x channels: log softmax of each row, in place.
void htr_log_softmax(int64_t rows, int32_t channels, float *x);

// ---- lstm.c ------------------------------------------------------------------------------------------------------------
// hidden is a multiple of 16. One step, gates i f g o. In gates: the sums (batch x 4 hidden); out: the activated gates. h has its own row stride.
void htr_lstm_step_forward(
    htr_type type, int32_t batch, int32_t hidden, float *gates, const float *_Nullable cell_before, float *cell,
    void *h, int64_t h_stride);
// dh_next: from the recurrence (may be NULL at the last step); dy: from above, with its row stride. In and out: dcell.
void htr_lstm_step_backward(
    htr_type type, int32_t batch, int32_t hidden, const float *gates, const float *_Nullable cell_before,
    const float *cell, const float *dy, int64_t dy_stride, const float *_Nullable dh_next, float *dcell, void *dgates);

// ---- ctc.c -------------------------------------------------------------------------------------------------------------
// Negative log-likelihood of `labels` (blank 0 not among them) under the softmax of logits, and its gradient at them.
// Frame t's row is at t * stride. Returns INFINITY, with a zero gradient, when the labels do not fit into the frames.
// scratch: htr_ctc_scratch floats.
int64_t htr_ctc_scratch(int32_t frames, int32_t classes, int32_t labels);
float htr_ctc_loss(
    int32_t frames, int32_t classes, const float *logits, int64_t stride, const int32_t *labels, int32_t label_count,
    float scale, float *gradient, float *scratch);

// ---- maps.c: feature maps of different resolutions; maps of probabilities --------------------------------------------
// y = fine + coarse with each cell repeated 2 x 2; height and width are those of fine, even. channels: a multiple of 16.
void htr_upsample_add(
    htr_type type, int32_t batch, int32_t height, int32_t width, int32_t channels, const void *coarse,
    const void *fine, void *y);
// coarse = the sums of 2 x 2 cells of fine: the gradient of the above.
void htr_downsample_sum(
    htr_type type, int32_t batch, int32_t height, int32_t width, int32_t channels, const void *fine, void *coarse);
// into += from; count: a multiple of 16.
void htr_add(htr_type type, int64_t count, const void *from, void *into);
// The 4 x 4 blocks of a picture (bytes; sides are multiples of 4) as cells of 16 channels, 0...1.
void htr_gather_blocks(htr_type type, int32_t height, int32_t width, const uint8_t *picture, void *y);
// y = 1 / (1 + e^-x) of every stride-th number.
void htr_sigmoid(int64_t count, const float *x, int64_t stride, float *y);
// Binary cross-entropy over the positives and the hardest negatives, plus the Dice loss, of one map of one picture.
// target: 0 or 1 per cell; weight: 0 where it does not matter. Every stride-th number of logits and gradient is this
// map's; the gradient is multiplied by scale. p: room for `cells` numbers; gets the probabilities.
double htr_map_loss(
    int64_t cells, int64_t stride, const float *logits, const uint8_t *target, const float *weight, float scale,
    float *gradient, float *p);

// ---- optimizer.c -------------------------------------------------------------------------------------------------------
double htr_square_sum(int64_t count, const float *x);
// into += from
void htr_accumulate(int64_t count, const float *from, float *into);
typedef struct {
  float learning_rate, beta1, beta2, epsilon, weight_decay, correction1, correction2, gradient_scale, average_decay;
} htr_adamw_step;
// AdamW (Loshchilov, Hutter 2019), with the exponential average of the weights kept beside.
void htr_adamw(
    const htr_adamw_step *step, int64_t count, const float *gradient, float *weights, float *moment1, float *moment2,
    float *average);

// ---- im2col.c: 3 x 3 and other windows for matrix products ----------------------------------------------------------------
typedef struct {
  int32_t batch, height, width, input_channels, output_channels;
  int32_t kernel_height, kernel_width, stride, padding;
} htr_convolution_shape;
// One image's windows, (output height * output width) x (kernel height * kernel width * input channels).
void htr_im2col(const htr_convolution_shape *shape, const float *image, float *columns);
// The reverse: adds each window to where it came from.
void htr_col2im(const htr_convolution_shape *shape, const float *columns, float *image);

// ---- openblas.c, onednn.c: libraries looked for when they are wanted --------------------------------------------------------
// A library costs a worker that does not use it nothing, and a machine that lacks one can do with the other.
// Environment that a library reads once, when it is loaded, must be set before.
// Each returns 0, or -1 and the reason in `reason`.
int32_t htr_openblas_load(char *reason, size_t size);
const char *htr_openblas_core(void);
void htr_openblas_sgemm(
    int32_t transpose_a, int32_t transpose_b, int32_t m, int32_t n, int32_t k, const float *a, int32_t lda,
    const float *b, int32_t ldb, float beta, float *c, int32_t ldc);

int32_t htr_onednn_load(char *reason, size_t size);
// "2.6.3"; the instruction set in words; whether bf16 products are done by hardware.
const char *htr_onednn_version(void);
int32_t htr_onednn_has_bfloat16(void);

// A thread's own engine: primitives of one engine share its scratch memory, so they must run on one thread at a time.
typedef struct htr_onednn_engine htr_onednn_engine;
htr_onednn_engine *_Nullable htr_onednn_engine_create(void);
void htr_onednn_engine_destroy(htr_onednn_engine *engine);

// A convolution of one shape. Weights are float32 [out, in, kernel height, kernel width]; pack after each change.
typedef struct htr_onednn_convolution htr_onednn_convolution;
typedef struct {
  int32_t training;       // backward passes wanted
  int32_t data_gradient;  // the gradient at the input too
  int32_t bias_relu;      // forward adds a bias and clips at 0 (not with training)
} htr_convolution_use;
htr_onednn_convolution *_Nullable htr_onednn_convolution_create(
    htr_onednn_engine *engine, htr_type type, const htr_convolution_shape *shape, const htr_convolution_use *use);
void htr_onednn_convolution_destroy(htr_onednn_convolution *convolution);
int32_t htr_onednn_convolution_pack(htr_onednn_convolution *convolution, const float *weights);
int32_t htr_onednn_convolution_forward(
    htr_onednn_convolution *convolution, const void *x, const float *_Nullable bias, void *y);
int32_t htr_onednn_convolution_backward_data(htr_onednn_convolution *convolution, const void *dy, void *dx);
int32_t htr_onednn_convolution_backward_weights(
    htr_onednn_convolution *convolution, const void *x, const void *dy, float *dw);

// C (m x n float32, row stride ldc) = or += A (m x k) B (k x n). With packed_b, B is float32 and packed beforehand;
// otherwise A and B are of `type`. Strides are those of A and B as they are used (after transposing).
typedef struct htr_onednn_product htr_onednn_product;
typedef struct {
  int64_t m, n, k;
  int64_t a_row, a_column, b_row, b_column, c_row;
  int32_t accumulate, packed_b;
  int32_t share_b;  // packed once for all products of the engine with the same content: for weights that do not change
} htr_product_shape;
htr_onednn_product *_Nullable htr_onednn_product_create(
    htr_onednn_engine *engine, htr_type type, const htr_product_shape *shape);
void htr_onednn_product_destroy(htr_onednn_product *product);
int32_t htr_onednn_product_pack(htr_onednn_product *product, const float *b);
// b is ignored (pass any pointer) when it is packed.
int32_t htr_onednn_product_run(htr_onednn_product *product, const void *a, const void *b, float *c);

#pragma clang assume_nonnull end
