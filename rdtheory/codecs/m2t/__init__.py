"""The masked-transformer codec: tokens of an autoencoder, predicted group by group."""
