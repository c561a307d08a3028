// For each line on stdin: who the SDK for Go is at STS, by the credentials that it finds itself, on one line.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	ctx := context.Background()
	loaded, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	client := sts.NewFromConfig(loaded, func(options *sts.Options) {
		options.BaseEndpoint = aws.String(os.Getenv("AWS_ENDPOINT_URL_STS"))
	})
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		identity, err := client.GetCallerIdentity(ctx, nil)
		if err != nil {
			log.Fatal(err)
		}
		credentials, err := loaded.Credentials.Retrieve(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(*identity.Arn, credentials.AccessKeyID)
	}
}
