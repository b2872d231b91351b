// MilvusTLS
