// The first convolution has one input channel: no library is fast at it (im2col makes nine copies of the picture, and
// oneDNN has no kernel for it in NHWC), while nine multiply-adds on a register of output channels are.
#include "kernel.h"

#define BLOCK 16

#define DEFINE(SUFFIX, T, LOAD, STORE)                                                                                 \
  HTR_KERNEL static void forward_##SUFFIX(                                                                             \
      int32_t batch, int32_t height, int32_t width, int32_t channels, const float *x, const float *weights,            \
      const float *bias, int32_t relu, T *y) {                                                                         \
    for (int32_t c0 = 0; c0 < channels; c0 += BLOCK) {                                                                 \
      float w[9][BLOCK], b[BLOCK];                                                                                     \
      for (int32_t k = 0; k < 9; k++)                                                                                  \
        for (int32_t c = 0; c < BLOCK; c++) w[k][c] = weights[k * channels + c0 + c];                                  \
      for (int32_t c = 0; c < BLOCK; c++) b[c] = bias ? bias[c0 + c] : 0;                                              \
      for (int64_t row = 0; row < (int64_t)batch * height; row++) {                                                    \
        int32_t iy = (int32_t)(row % height);                                                                          \
        for (int32_t ix = 0; ix < width; ix++) {                                                                       \
          float sum[BLOCK];                                                                                            \
          for (int32_t c = 0; c < BLOCK; c++) sum[c] = b[c];                                                           \
          for (int32_t ky = -1; ky <= 1; ky++) {                                                                       \
            if (iy + ky < 0 || iy + ky >= height) continue;                                                            \
            for (int32_t kx = -1; kx <= 1; kx++) {                                                                     \
              if (ix + kx < 0 || ix + kx >= width) continue;                                                           \
              float v = x[(row + ky) * width + ix + kx];                                                               \
              const float *tap = w[(ky + 1) * 3 + kx + 1];                                                             \
              for (int32_t c = 0; c < BLOCK; c++) sum[c] += v * tap[c];                                                \
            }                                                                                                          \
          }                                                                                                            \
          T *out = y + (row * width + ix) * channels + c0;                                                             \
          for (int32_t c = 0; c < BLOCK; c++) STORE(out + c, relu && sum[c] < 0 ? 0 : sum[c]);                         \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }                                                                                                                    \
                                                                                                                       \
  HTR_KERNEL static void gradient_##SUFFIX(                                                                            \
      int32_t batch, int32_t height, int32_t width, int32_t channels, const float *x, const T *dy, float *dw) {        \
    for (int32_t c0 = 0; c0 < channels; c0 += BLOCK) {                                                                 \
      double total[9][BLOCK] = {{0}};                                                                                  \
      for (int64_t row = 0; row < (int64_t)batch * height; row++) {                                                    \
        int32_t iy = (int32_t)(row % height);                                                                          \
        float sum[9][BLOCK] = {{0}};                                                                                   \
        for (int32_t ix = 0; ix < width; ix++) {                                                                       \
          const T *at = dy + (row * width + ix) * channels + c0;                                                       \
          float g[BLOCK];                                                                                              \
          for (int32_t c = 0; c < BLOCK; c++) g[c] = LOAD(at + c);                                                     \
          for (int32_t ky = -1; ky <= 1; ky++) {                                                                       \
            int32_t inside_y = iy + ky >= 0 && iy + ky < height;                                                       \
            for (int32_t kx = -1; kx <= 1; kx++) {                                                                     \
              float v = inside_y && ix + kx >= 0 && ix + kx < width ? x[(row + ky) * width + ix + kx] : 0;             \
              float *tap = sum[(ky + 1) * 3 + kx + 1];                                                                 \
              for (int32_t c = 0; c < BLOCK; c++) tap[c] += v * g[c];                                                  \
            }                                                                                                          \
          }                                                                                                            \
        }                                                                                                              \
        for (int32_t k = 0; k < 9; k++)                                                                                \
          for (int32_t c = 0; c < BLOCK; c++) total[k][c] += sum[k][c];                                                \
      }                                                                                                                \
      for (int32_t k = 0; k < 9; k++)                                                                                  \
        for (int32_t c = 0; c < BLOCK; c++) dw[k * channels + c0 + c] = (float)total[k][c];                            \
    }                                                                                                                  \
  }

DEFINE(float32, float, load_float, store_float)
DEFINE(bfloat16, uint16_t, load_bfloat16, store_bfloat16)

void htr_first_convolution(
    htr_type type, int32_t batch, int32_t height, int32_t width, int32_t channels, const float *x,
    const float *weights, const float *bias, int32_t relu, void *y) {
  if (type == HTR_FLOAT32) forward_float32(batch, height, width, channels, x, weights, bias, relu, y);
  else forward_bfloat16(batch, height, width, channels, x, weights, bias, relu, y);
}

void htr_first_convolution_gradient(
    htr_type type, int32_t batch, int32_t height, int32_t width, int32_t channels, const float *x, const void *dy,
    float *dw) {
  if (type == HTR_FLOAT32) gradient_float32(batch, height, width, channels, x, dy, dw);
  else gradient_bfloat16(batch, height, width, channels, x, dy, dw);
}
