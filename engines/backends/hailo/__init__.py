"""Hailo-8, by HailoRT's InferModel: one device a process, both engine places on it."""
