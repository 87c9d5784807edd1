"""Shared training code: data, augmentation, networks, loop, export, quantisation, evaluation."""
