# Everything a newcomer needs, each a line or two over scripts/; `make` lists it. What is missing on the machine is installed.
.DEFAULT_GOAL := help
.PHONY: help demo test unit e2e soak image format lint clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## the whole story on a simulated cluster, in a minute
	scripts/demo.sh

# Tests that compute for long have a run of their own: they would hold up those that wait for a server's clock.
test: unit ## all tests
	scripts/unit.sh --filter TimeTravelTests --filter RotationPropertyTests --filter GoVerdictTests
	scripts/unit.sh --filter ResyncTests
	scripts/e2e.sh

unit: ## tests of each target but the long ones, some against a real API server
	scripts/unit.sh --skip ResyncTests --skip TimeTravelTests --skip RotationPropertyTests --skip GoVerdictTests

e2e: ## tests on a real Kubernetes node with a real Milvus; as root
	scripts/e2e.sh

soak: ## rotations of certificates under load, ten times as many as in `make test` (an hour); as root
	ROTATION_SOAK=10 scripts/e2e.sh Tests/EndToEnd/test_rotation.py

image: ## the image of a release, with its sizes and the list of what is in it, in .build/image; as root
	scripts/image.sh

format: ## format the Swift sources in place
	swift format --in-place --recursive Package.swift Sources Tests

lint: ## check the format of every language
	scripts/lint.sh

clean: ## remove what was built; the downloads in the cache stay
	rm -rf .build
