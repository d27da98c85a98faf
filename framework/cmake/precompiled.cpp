// Nothing: WeftTargets.cmake precompiles the headers of LibTorch beside this file.
