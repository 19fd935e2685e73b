// Windows of a picture as the rows of a matrix, for convolution by matrix product.
#include "kernel.h"

HTR_INLINE int32_t output_size(int32_t input, int32_t kernel, int32_t stride, int32_t padding) {
  return (input + 2 * padding - kernel) / stride + 1;
}

void htr_im2col(const htr_convolution_shape *shape, const float *image, float *columns) {
  const htr_convolution_shape s = *shape;
  const int32_t oh = output_size(s.height, s.kernel_height, s.stride, s.padding);
  const int32_t ow = output_size(s.width, s.kernel_width, s.stride, s.padding);
  const size_t size = sizeof(float) * (size_t)s.input_channels;
  for (int32_t oy = 0; oy < oh; oy++)
    for (int32_t ox = 0; ox < ow; ox++)
      for (int32_t ky = 0; ky < s.kernel_height; ky++)
        for (int32_t kx = 0; kx < s.kernel_width; kx++) {
          int32_t iy = oy * s.stride + ky - s.padding, ix = ox * s.stride + kx - s.padding;
          if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) memset(columns, 0, size);
          else memcpy(columns, image + ((int64_t)iy * s.width + ix) * s.input_channels, size);
          columns += s.input_channels;
        }
}

HTR_KERNEL void htr_col2im(const htr_convolution_shape *shape, const float *columns, float *image) {
  const htr_convolution_shape s = *shape;
  const int32_t oh = output_size(s.height, s.kernel_height, s.stride, s.padding);
  const int32_t ow = output_size(s.width, s.kernel_width, s.stride, s.padding);
  memset(image, 0, sizeof(float) * (size_t)s.height * s.width * s.input_channels);
  for (int32_t oy = 0; oy < oh; oy++)
    for (int32_t ox = 0; ox < ow; ox++)
      for (int32_t ky = 0; ky < s.kernel_height; ky++)
        for (int32_t kx = 0; kx < s.kernel_width; kx++) {
          int32_t iy = oy * s.stride + ky - s.padding, ix = ox * s.stride + kx - s.padding;
          if (iy >= 0 && iy < s.height && ix >= 0 && ix < s.width) {
            float *to = image + ((int64_t)iy * s.width + ix) * s.input_channels;
            for (int32_t c = 0; c < s.input_channels; c++) to[c] += columns[c];
          }
          columns += s.input_channels;
        }
}
