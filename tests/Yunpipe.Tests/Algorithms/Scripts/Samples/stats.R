library(optparse)
# make_option("--never")
option_list <- list(
  make_option(c("-i", "--input"), type = "character", help = "A table"),
  make_option(c("-o", "--outdir"), default = "."),
  make_option(c("-n", "--count"), type = "integer", default = 10L, help = 'How many [default %default]'),
  make_option("--alpha", type = "double", default = 5e-2),
  make_option("--log", action = "store_true", default = FALSE, help = "Logarithms"),
  make_option("--scale", type = "logical", default = TRUE)
)
opt <- parse_args(OptionParser(option_list = option_list, description = "Counts"))
