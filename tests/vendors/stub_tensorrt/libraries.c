/* The nine C functions by which TensorRT's Python package hangs on its libraries: enough to import it.
 * They give nothing: whatever is made by them is null, and must not be used. */
#define NOTHING(name) \
  void *name(void) { return 0; }

NOTHING(createInferBuilder_INTERNAL)
NOTHING(createInferRuntime_INTERNAL)
NOTHING(createInferRefitter_INTERNAL)
NOTHING(createNvOnnxParser_INTERNAL)
NOTHING(createNvOnnxParserRefitter_INTERNAL)
NOTHING(getPluginRegistry)
NOTHING(getBuilderPluginRegistry)
NOTHING(initLibNvInferPlugins)
NOTHING(getNvOnnxParserVersion)
