module sallyport.dev/bench/client

go 1.19
