module goverdict

go 1.24
