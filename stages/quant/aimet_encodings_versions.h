#pragma once
/// One reader per family of encodings versions; read_aimet_encodings chooses. Errors: as EncodingsDocument.
#include "stages/quant/aimet_encodings.h"
#include "stages/quant/aimet_encodings_document.h"

namespace qeval {

/// 0.4.0 … 0.6.1 with two sections, by module names or by ONNX tensor names.
EncodingMap read_encodings_0_6(const EncodingsDocument& document);
/// AdaRound's file: {"layer.weight": […]} and nothing else.
EncodingMap read_bare_params(const EncodingsDocument& document);
/// 1.0.0: lists of named objects without min and max.
EncodingMap read_encodings_1_0(const EncodingsDocument& document);
/// 2.0.0 and 2.1.0: one flat list in the words of ONNX QuantizeLinear. Integer types of more than 16 bits (biases,
/// whose scales follow from input and weight) belong to no quantizer and are passed over.
EncodingMap read_encodings_2_0(const EncodingsDocument& document);

}  // namespace qeval
