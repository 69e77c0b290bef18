"""Classical codecs of still pictures, each searched for the setting that meets a target."""
