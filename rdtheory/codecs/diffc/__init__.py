"""The DiffC codec: lossy compression with Gaussian diffusion models, in real bits.

From the data to the stream:

    model          what every model offers: a prior of components, and its denoiser
      stationary, patches, mixture_patches, variational, diffusers_model    the models
    ladder         the noise levels that streams use
    belief         what the decoder knows, and what one more message tells it (Eq. 1, 5)
    scales         how a message says that the data differ from what the model expects
    steps          a message as bits of a range coder
    sender         messages one by one, up to a budget or a quality
    codec          all of it as a `Codec`, with ancestral, flow and posterior-mean decoders
"""
